// Where a benchmark runs: a runtime with an adapter, started so that it reports line by line.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import puppeteer from "puppeteer";
import type { Runtime } from "../../src/cli/adapters.ts";
import { chromeFlags, findChrome } from "../../src/cli/chrome.ts";
import { embeddedAdapter } from "../../src/cli/embedded.ts";
import { findAdapter, runtimeCommand } from "../../src/cli/probe.ts";
import { bundle, root } from "../build.ts";
import { isolation, serveFiles } from "../gpu/server.ts";
import type { Settings } from "./bench.ts";
import type { Line } from "./sections.ts";

/** "best" is what the command line would choose here, "embedded" the software adapter that comes as a package. */
export const places = ["best", "embedded", "chrome"] as const;
export type Place = (typeof places)[number];

export type Hear = (line: Line) => void;

/** Runs the benchmark in a place; gives the runtime's name and version. */
export function runIn(place: Place, settings: Settings, hear: Hear): Promise<string> {
  if (place === "chrome") return runInChrome(settings, hear);
  return place === "best" ? runInBest(settings, hear) : runEmbedded(settings, hear);
}

async function workers(): Promise<Record<Runtime, string>> {
  return { node: await bundle("test/bench/worker.ts", "bench-node", "node"), deno: "test/bench/worker.ts" };
}

async function runInBest(settings: Settings, hear: Hear): Promise<string> {
  const programs = await workers();
  const { choice, environment } = await findAdapter("auto", programs);
  return runProcess(choice.runtime, programs[choice.runtime], environment, settings, hear);
}

/** In Deno, where it is faster than in Node. */
async function runEmbedded(settings: Settings, hear: Hear): Promise<string> {
  const { environment, reason } = await embeddedAdapter();
  if (reason !== undefined) throw new Error(reason);
  return runProcess("deno", (await workers()).deno, environment, settings, hear);
}

async function runProcess(
  runtime: Runtime,
  program: string,
  environment: Record<string, string>,
  settings: Settings,
  hear: Hear,
): Promise<string> {
  const run = runtimeCommand(runtime, program);
  if (run.error !== undefined) throw new Error(run.error);
  const [file = "", ...args] = [...run.command, JSON.stringify(settings)];
  const child = spawn(file, args, {
    cwd: root,
    env: { ...process.env, ...run.environment, ...environment },
    stdio: ["ignore", "pipe", "inherit"],
  });
  createInterface(child.stdout).on("line", (text) => hear(JSON.parse(text) as Line));
  const [code, signal] = await once(child, "close");
  if (code !== 0) throw new Error(`${runtime} ended with ${code ?? signal}`);
  return runtime === "deno" ? denoVersion() : `Node ${process.versions.node}`;
}

function denoVersion(): string {
  return `Deno ${process.versions.deno}`;
}

async function runInChrome(settings: Settings, hear: Hear): Promise<string> {
  const script = await bundle("test/bench/page.ts", "bench-page", "chrome");
  const server = await serveFiles(
    { "/": `<!doctype html><script type="module" src="/${script}"></script>` },
    isolation,
  );
  const browser = await puppeteer.launch({ executablePath: await findChrome(), args: chromeFlags() });
  try {
    const page = await browser.newPage();
    const ended = new Promise<void>((resolve, reject) => {
      page.on("pageerror", reject);
      page.on("error", reject);
      browser.on("disconnected", () => reject(new Error("Chrome was closed or crashed")));
      page
        .exposeFunction("report", (text: string) => {
          const line = JSON.parse(text) as Line;
          hear(line);
          if (line.kind === "end") resolve();
        })
        .then(() => page.goto(`${server.url}/?${new URLSearchParams({ settings: JSON.stringify(settings) })}`))
        .catch(reject);
    });
    await ended;
    return (await browser.version()).replace("HeadlessChrome/", "Chrome ");
  } finally {
    await browser.close();
    server.close();
  }
}
