// Measures in Node or Deno; the argument is the settings as JSON. "probe" is answered as the command line does, so
// that the same code chooses the adapter.
import { seeAdapter } from "../../src/cli/see.ts";
import type { Settings } from "./bench.ts";
import { jobs } from "./sections/jobs.ts";
import { memory } from "./sections/memory.ts";
import { runSections } from "./sections.ts";

const argument = process.argv[2] ?? "";
const more = {
  first: { memory }, // before others have left their memory to the process
  last: { jobs },
};
if (argument === "probe") console.log(JSON.stringify(await seeAdapter(false)));
else await runSections(JSON.parse(argument) as Settings, more, (line) => console.log(JSON.stringify(line)));
