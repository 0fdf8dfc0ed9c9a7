// The README's measured tables, between two marks.
import type { Results } from "./figures.ts";
import { tables } from "./markdown.ts";

const begin = "<!-- bench:begin -->";
const end = "<!-- bench:end -->";

/** The README with the tables of these results. @throws Error where a mark is missing. */
export function withTables(readme: string, results: Results): string {
  const from = readme.indexOf(begin);
  const to = readme.indexOf(end);
  if (from < 0 || to < from) throw new Error(`The README has no ${begin} with an ${end} behind it`);
  return `${readme.slice(0, from + begin.length)}\n${tables(results)}\n${readme.slice(to)}`;
}
