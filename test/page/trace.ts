// What a page's main thread did, from a Chrome trace.
import type { Page } from "puppeteer";

/** A task of the page's main thread, in milliseconds. */
export interface Task {
  readonly wall: number;
  /** Of `wall`, what the thread itself ran; the rest it waited for a core. */
  readonly cpu: number;
}

interface Event {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  /** Microseconds. */
  readonly dur?: number;
  readonly tdur?: number;
  readonly args: {
    readonly name?: string;
    readonly data?: { readonly frames?: readonly { readonly processId: number }[] };
  };
}

/** Traces a page while `use` runs. @throws Error where the trace names no main thread, or no task of it. */
export async function mainThreadTasks(page: Page, use: () => Promise<void>): Promise<Task[]> {
  await page.tracing.start({ categories: ["-*", "disabled-by-default-devtools.timeline"] });
  await use();
  const bytes = await page.tracing.stop();
  const { traceEvents } = JSON.parse(new TextDecoder().decode(bytes)) as { traceEvents: Event[] };
  const pid = traceEvents.find(({ name }) => name === "TracingStartedInBrowser")?.args.data?.frames?.[0]?.processId;
  const isMain = (event: Event) => event.name === "thread_name" && event.args.name === "CrRendererMain";
  const tid = traceEvents.find((event) => event.pid === pid && isMain(event))?.tid;
  const tasks = traceEvents
    .filter((event) => event.name === "RunTask" && event.pid === pid && event.tid === tid)
    .map(({ dur = 0, tdur = 0 }) => ({ wall: dur / 1000, cpu: tdur / 1000 }));
  if (tasks.length === 0) throw new Error("The trace holds no task of the page's main thread.");
  return tasks;
}
