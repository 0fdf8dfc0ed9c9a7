import { bundle } from "../build.ts";
import { startProcess } from "./process.ts";
import { runCasesIn } from "./runtimes.ts";

runCasesIn("Node", async (filter, onLine) =>
  startProcess("node", await bundle("test/gpu/main.ts", "node", "node"), filter, onLine),
);
