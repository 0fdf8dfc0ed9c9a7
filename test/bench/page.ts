// Measures in a page; `?settings=` is JSON, and `report` is what the harness gives it.
import type { Settings } from "./bench.ts";
import { tfjs } from "./sections/tfjs.ts";
import { runSections } from "./sections.ts";

const { report } = globalThis as unknown as { report: (line: string) => Promise<void> };
const settings = JSON.parse(new URLSearchParams(location.search).get("settings") ?? "") as Settings;
await runSections(settings, { last: { tfjs } }, (line) => report(JSON.stringify(line)));
