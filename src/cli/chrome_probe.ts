// What Chrome sees. It needs puppeteer, which a development checkout has and a user's installation need not.
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import type { Probe, Sighting } from "./adapters.ts";
import { chromeFlags, findChrome } from "./chrome.ts";
import { shownLimits } from "./see.ts";

/** `program` is the built command line; the page imports the library that lies beside it. */
export async function probeChrome(program: string): Promise<Probe> {
  const library = join(dirname(program), "index.js");
  return { runtime: "chrome", drivers: "system", ...(await see(library)) };
}

async function see(library: string): Promise<Sighting> {
  const puppeteer = await loadPuppeteer();
  if (!puppeteer) return { error: 'not checked: the package "puppeteer" is not installed' };
  if (!existsSync(library)) return { error: 'not checked: the library is not built; run "npm run build"' };
  const server = await serve(library);
  try {
    const browser = await puppeteer.launch({ executablePath: await findChrome(), args: chromeFlags() });
    try {
      const page = await browser.newPage();
      await page.goto(`http://localhost:${(server.address() as AddressInfo).port}/`);
      return { adapter: (await page.evaluate(inPage(shownLimits))) as Sighting["adapter"] & {} };
    } finally {
      await browser.close();
    }
  } catch (error) {
    return { error: (error as Error).message };
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

async function loadPuppeteer(): Promise<typeof import("puppeteer") | undefined> {
  // A variable, since the package is not there where this program is installed.
  const specifier = "puppeteer";
  return import(/* @vite-ignore */ specifier).catch(() => undefined);
}

/** WebGPU asks for a secure context, which localhost is. */
function serve(library: string): Promise<Server> {
  const server = createServer(async ({ url }, response) => {
    if (url === "/index.js") response.setHeader("content-type", "text/javascript").end(await readFile(library));
    else response.setHeader("content-type", "text/html").end("<!doctype html>");
  });
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}

/** The page's answer has the form that see.ts gives for the other runtimes. */
function inPage(limits: readonly string[]): string {
  return `import("/index.js").then(async ({ requestGpu, releaseGpu }) => {
    const gpu = await requestGpu();
    const { adapter } = gpu;
    const limits = Object.fromEntries(${JSON.stringify(limits)}.map((name) => [name, adapter.limits[name]]));
    releaseGpu(gpu);
    return { ...adapter, limits };
  })`;
}
