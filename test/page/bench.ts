// `npm run bench:page`: what a training costs the page itself, in a headless Chrome. It measures; it is no test.
import { parseArgs } from "node:util";
import type { Page } from "puppeteer";
import { buildPage } from "../build.ts";
import { Visit } from "./browser.ts";
import { press } from "./controls.ts";
import { packedScripts } from "./scripts.ts";
import { figures, phase } from "./steps/train.ts";
import { mainThreadTasks } from "./trace.ts";

const usage = `npm run bench:page -- [options]

  --settings QUERY  of the training, as in the page's links; default epochs=3, the published example but for its length
  --picture FILE    writes a picture of the page, 1280 by 800, when the training has ended
`;

/** What a visitor notices as a hitch, in milliseconds. */
const long = 50;

async function main(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      settings: { type: "string", default: "epochs=3" },
      picture: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return console.log(usage);
  await buildPage();
  const visit = await Visit.begin(`#train?${values.settings}`);
  try {
    await measure(visit, values.picture);
  } finally {
    await visit.end();
  }
}

async function measure(visit: Visit, picture: string | undefined): Promise<void> {
  const { page, browser } = visit;
  console.log(`${await browser.version()}, ${(await figures(page)).Adapter}`);
  const first = await secondsToReady(page);
  await visit.reload();
  console.log(`ready after ${first} s, from the service worker after ${await secondsToReady(page)} s`);
  const scripts = [...(await packedScripts())].map(([name, bytes]) => `${name} ${(bytes / 1000).toFixed(1)} kB`);
  console.log(`scripts, packed: ${scripts.join(", ")}`);

  await page.evaluate(noteFrames);
  const tasks = await mainThreadTasks(page, async () => {
    await press(page, "Train");
    await page.evaluate(untilTrained);
  });
  const intervals = (await page.evaluate("frameIntervals")) as number[];
  console.log(`${await phase(page)} ${(await figures(page))["Examples / s"]} examples a second`);
  for (const clock of ["wall", "cpu"] as const) {
    const times = tasks.map((task) => task[clock]).sort((a, b) => b - a);
    const [longest, ...others] = times.slice(0, 5).map((time) => time.toFixed(1));
    const many = `${times.filter((time) => time > long).length} of ${times.length} over ${long} ms`;
    const total = times.reduce((sum, time) => sum + time, 0) / 1000;
    const name = clock === "wall" ? "wall time" : "its own time";
    console.log(
      `main thread, ${name}: longest task ${longest} ms, then ${others.join(", ")}; ${many}; ${total.toFixed(2)} s in all`,
    );
  }
  intervals.sort((a, b) => a - b);
  const share = (part: number) => intervals[Math.floor(part * (intervals.length - 1))]?.toFixed(1);
  console.log(`frames: ${share(0.5)} ms apart in the middle, ${share(0.99)} ms at 99 of 100, ${share(1)} ms at most`);
  if (picture) {
    await page.setViewport({ width: 1280, height: 800 });
    await page.evaluate("scrollTo(0, 0)");
    await page.screenshot({ path: picture as `${string}.png` });
  }
}

async function secondsToReady(page: Page): Promise<string> {
  return (((await page.evaluate("readyAt - performance.timeOrigin")) as number) / 1000).toFixed(2);
}

/** Runs in the page: keeps the milliseconds between its frames. */
function noteFrames(): void {
  const intervals: number[] = [];
  Object.assign(globalThis, { frameIntervals: intervals });
  let last: number | undefined;
  const frame = (now: number) => {
    if (last !== undefined) intervals.push(now - last);
    last = now;
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
}

/** Runs in the page, which is not asked again and again: that would be work of its main thread, too. */
function untilTrained(): Promise<void> {
  const phase = document.querySelector(".controls .phase") as HTMLElement;
  return new Promise((resolve) => {
    const observer = new MutationObserver(() => {
      if (!/ trained in /.test(phase.textContent)) return;
      observer.disconnect();
      resolve();
    });
    observer.observe(phase, { childList: true, characterData: true, subtree: true });
  });
}

await main(process.argv.slice(2));
