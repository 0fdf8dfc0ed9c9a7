// What is looked at in every state of the page: whether it is accessible, in both colour schemes, and a picture of it.

import { join } from "node:path";
import axe from "axe-core";
import type { Page } from "puppeteer";
import { root } from "../build.ts";
import { desktop, phone } from "./browser.ts";

/** The folder of the pictures. */
export const pictures = process.env.PAGE_PICTURES ?? join(root, "test/.build/page");

/**
 * Writes a picture of the page in each scheme, and one as on a phone.
 * @param state names the pictures.
 * @returns axe's violations of impact serious or critical; lesser ones are printed.
 */
export async function examine(page: Page, state: string): Promise<string[]> {
  const grave = new Set<string>();
  for (const scheme of ["dark", "light"]) {
    await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
    for (const violation of await violations(page)) {
      if (violation.isGrave) grave.add(`${state}, ${scheme}: ${violation.words}`);
      else console.log(`   axe, of less than serious impact, ${state}, ${scheme}: ${violation.words}`);
    }
    await takePicture(page, `${state}-${scheme}`);
  }
  await page.setViewport(phone);
  await takePicture(page, `${state}-phone`);
  await page.setViewport(desktop);
  return [...grave];
}

/** The whole page, as long as it is. */
export async function takePicture(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: join(pictures, `${name}.png`) as `${string}.png`, fullPage: true });
}

async function violations(page: Page): Promise<{ isGrave: boolean; words: string }[]> {
  // By the debugger, which no content security policy binds.
  if (!(await page.evaluate("'axe' in globalThis"))) await page.evaluate(axe.source);
  const found = await page.evaluate(async () => {
    const axe = (globalThis as unknown as { axe: typeof import("axe-core") }).axe;
    const { violations } = await axe.run(document, { resultTypes: ["violations"], preload: false });
    return violations.map(({ id, impact, help, nodes }) => ({
      isGrave: impact === "serious" || impact === "critical",
      words: `${id} (${impact}): ${help}: ${nodes.map(({ html }) => html.slice(0, 120)).join(" | ")}`,
    }));
  });
  return found;
}
