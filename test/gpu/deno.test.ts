import { startProcess } from "./process.ts";
import { runCasesIn } from "./runtimes.ts";

runCasesIn("Deno", (filter, onLine) => startProcess("deno", "test/gpu/main.ts", filter, onLine));
