// Runs the declared cases in whatever runtime this is, and reports each as one line of JSON.
// The first argument (in a page: ?filter=) is a regular expression for names; without it all cases run.
// The argument "probe" is answered as the command line does, so that the same code chooses the adapter.
import { seeAdapter } from "../../src/cli/see.ts";
import { type AdapterDescription, releaseGpu, requestGpu } from "../../src/gpu/device.ts";
import "./all.ts";
import { cases, type Result, runCase } from "./harness.ts";

/** A line of the report: the adapter first, then every result, then the end. */
export type Line =
  | { kind: "adapter"; adapter: AdapterDescription }
  | { kind: "result"; result: Result }
  | { kind: "end"; error?: string };

const page = globalThis as { location?: Location; report?: (line: string) => Promise<void> };
// Deno has a location only when it is given one, and then no page either.
const filter = page.report ? new URLSearchParams(page.location?.search).get("filter") : process.argv[2];

async function report(line: Line): Promise<void> {
  const text = JSON.stringify(line);
  if (page.report) await page.report(text);
  else console.log(text);
}

async function runAll(wanted: RegExp): Promise<void> {
  const gpu = await requestGpu();
  await report({ kind: "adapter", adapter: gpu.adapter });
  for (const one of cases) {
    if (wanted.test(one.name)) await report({ kind: "result", result: await runCase(one, gpu) });
  }
  releaseGpu(gpu);
}

async function main(): Promise<void> {
  try {
    await runAll(new RegExp(filter ?? ""));
    await report({ kind: "end" });
  } catch (error) {
    await report({ kind: "end", error: (error as Error).stack });
  }
}

if (filter === "probe") console.log(JSON.stringify(await seeAdapter(false)));
else await main();
