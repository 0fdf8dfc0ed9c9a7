// What stays behind when trainings are done and forgotten, over and over.
import type { CDPSession } from "puppeteer";
import { expect, test } from "vitest";
import { Visit } from "./browser.ts";
import { pause, press, until } from "./controls.ts";
import { figures, hasEnded, phase } from "./steps/train.ts";

const rounds = 10;
/** What page or worker may grow by from the third round to the last, in bytes: the engine still compiles what is run. */
const mayGrow = 700_000;

test("ten trainings that are reset leave nothing on the GPU, and next to nothing in the page and its worker", async () => {
  const visit = await Visit.begin("#train?outputDim=256&rows=1000&epochs=2");
  try {
    const { page } = visit;
    const sessions = { page: await page.createCDPSession(), worker: page.workers()[0]!.client };
    const trained: string[] = [];
    const onGpu: string[] = [];
    const heaps = { page: [] as number[], worker: [] as number[] };
    for (let round = 0; round < rounds; round++) {
      await press(page, "Train");
      await until("its end", () => hasEnded(page));
      trained.push((await figures(page))["GPU memory"]!);
      await press(page, "Reset");
      await until("that nothing is left", async () => (await phase(page)) === "Press Train.");
      await pause(100);
      onGpu.push((await figures(page))["GPU memory"]!);
      heaps.page.push(await heapOf(sessions.page));
      heaps.worker.push(await heapOf(sessions.worker));
    }
    console.log(`   on the GPU after each training: ${[...new Set(trained)].join("; ")}`);
    console.log(`   on the GPU after each reset: ${[...new Set(onGpu)].join("; ")}`);
    for (const [who, heap] of Object.entries(heaps)) {
      console.log(`   kB of the ${who}'s heap: ${heap.map((bytes) => Math.round(bytes / 1000)).join(", ")}`);
    }
    expect(trained[0]).toMatch(/^(?!0\.0 )\d+\.\d MiB in [1-9]\d* buffers?, /);
    expect(new Set(trained).size).toBe(1);
    expect(new Set(onGpu)).toEqual(new Set(["0.0 MiB in 0 buffers, 0 textures"]));
    for (const heap of Object.values(heaps)) expect(heap.at(-1)! - heap[2]!).toBeLessThan(mayGrow);
  } finally {
    await visit.end();
  }
});

/** Bytes in use, once what nobody holds is collected: objects, the browser's own and what arrays of numbers hold. */
async function heapOf(session: CDPSession): Promise<number> {
  await session.send("HeapProfiler.collectGarbage");
  const { usedSize, embedderHeapUsedSize, backingStorageSize } = await session.send("Runtime.getHeapUsage");
  return usedSize + embedderHeapUsedSize + backingStorageSize;
}
