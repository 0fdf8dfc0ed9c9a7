// What the adapter can do at best, whatever the program.
import { Buffers } from "../../../src/gpu/buffers.ts";
import { type Dispatch, freeze } from "../../../src/gpu/dispatch.ts";
import type { Binding, Kernel } from "../../../src/gpu/kernel.ts";
import type { Bench } from "../bench.ts";
import { clocked } from "../clock.ts";
import { interleave } from "../interleave.ts";
import source from "../roofline.wgsl" with { type: "text" };

const mostThreads = 2 ** 20;
const streamBytes = 2 ** 26;
/** A minibatch of the example's features: 128 x 4,096 x 4 bytes. */
export const batchBytes = 2 ** 21;

const output: Binding = { group: 0, binding: 0, name: "output", access: "read_write" };
const input: Binding = { group: 0, binding: 1, name: "source", access: "read" };

/** FMA peak, streaming reads, and the time of reading as much as a minibatch of features takes. */
export async function roofline(bench: Bench): Promise<void> {
  const { gpu, settings } = bench;
  const buffers = new Buffers(gpu, "roofline");
  try {
    const results = buffers.storage("results", mostThreads * 16);
    const dispatch = async (entryPoint: string, groups: number, from?: GPUBuffer): Promise<readonly Dispatch[]> => {
      const kernel: Kernel = { label: entryPoint, source, entryPoint, bindings: from ? [output, input] : [output] };
      const bound = { output: results, ...(from && { source: from }) };
      return freeze(gpu, buffers, [{ label: entryPoint, kernel, resources: bound, workgroups: [groups, 1, 1] }]);
    };
    // A GPU needs many threads at once; a software adapter takes them one group after the other.
    const groups = gpu.adapter.isSoftware ? 256 : 8192;
    const peaks: Record<string, () => Promise<number>> = {};
    for (const accumulators of [2, 4, 8]) {
      const operations = 4096 * 16 * 4 * 2 * 64 * groups; // rounds, multiply-adds, lanes, operations, threads
      const measure = await clocked(gpu, { turns: [await dispatch(`fma${accumulators}`, groups)] });
      peaks[accumulators] = async () => operations / (await measure()) / 1e6;
    }
    // Of several shapes the best counts, as of several numbers of accumulators.
    const large = buffers.storage("large", streamBytes);
    const parts = Array.from({ length: streamBytes / batchBytes }, (_, i) => buffers.storage(`part${i}`, batchBytes));
    const streams: Record<string, () => Promise<number>> = {};
    const batches: Record<string, () => Promise<number>> = {};
    for (const count of [32, 128, 512, 4096]) {
      const measure = await clocked(gpu, { turns: [await dispatch("stream", count, large)] });
      streams[count] = async () => streamBytes / (await measure()) / 1e6;
      const turns = await Promise.all(parts.map((part) => dispatch("stream", count, part)));
      batches[count] = await clocked(gpu, { turns });
    }
    const best = (rounds: Readonly<Record<string, readonly number[]>>, pick: (...values: number[]) => number) =>
      Array.from({ length: settings.rounds }, (_, i) => pick(...Object.values(rounds).map((of) => of[i] as number)));
    const compute = best(await interleave(settings.rounds, peaks), Math.max);
    await bench.figure("roofline", "FMA peak", "GFLOP/s", compute);
    await bench.figure(
      "roofline",
      "streaming read of 64 MiB",
      "GB/s",
      best(await interleave(settings.rounds, streams), Math.max),
    );
    await bench.figure(
      "roofline",
      "reading 2 MiB, a dispatch",
      "ms",
      best(await interleave(settings.rounds, batches), Math.min),
    );
  } finally {
    buffers.destroy();
  }
}
