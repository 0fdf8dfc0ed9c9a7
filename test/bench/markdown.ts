// Tables of results: a table for each section, a column for each adapter.
import {
  type AdapterResults,
  type Figure,
  type Missing,
  type Results,
  type SectionName,
  sectionNames,
} from "./figures.ts";

const titles: Record<SectionName, string> = {
  roofline: "What the adapter can do",
  features: "Feature map (784 inputs, D 4,096)",
  step: "A step over cached features (batch 128, D 4,096, 10 classes)",
  jobs: "The example on MNIST (48,000 rows trained, 12,000 validated)",
  memory: "Memory",
  scaling: "Scaling",
  tfjs: "Beside TensorFlow.js 4.22 in the same page (batch 128, 784 inputs, D 4,096, 10 classes)",
};

/** Where, when and how, then all tables. */
export function tables(results: Results): string {
  const { version, date, cores, processor, adapters, quick } = results;
  const places = adapters.map(
    ({ adapter, runtime, isSoftware }) => `${adapter}${isSoftware ? " (software)" : ""} in ${runtime}`,
  );
  const head =
    `quasi-svm ${version} on ${date}, ${cores} cores (${processor}); ${places.join("; ")}. ` +
    `Medians, with the quartiles of interleaved rounds in brackets${quick ? "; a quick run" : ""}.`;
  return [head, ...sectionNames.flatMap((section) => table(section, adapters))].join("\n\n");
}

/** One section, or nothing where nobody measured it. */
function table(section: SectionName, adapters: readonly AdapterResults[]): string[] {
  const columns = adapters
    .map(({ adapter, runtime, figures }) => ({
      title: `${adapter}, ${runtime.split(" ")[0]}`,
      cells: new Map(
        figures.filter((figure) => figure.section === section).map((figure) => [figure.name, cell(figure)]),
      ),
      notes: figures.filter((figure): figure is Figure => figure.section === section && "note" in figure),
    }))
    .filter(({ cells }) => cells.size > 0);
  if (columns.length === 0) return [];
  const names = [...new Set(columns.flatMap(({ cells }) => [...cells.keys()]))];
  const notes = new Map(columns.flatMap((column) => column.notes.map(({ name, note }) => [name, note])));
  const rows = names.map((name) => {
    const note = notes.get(name);
    return [note ? `${name} (${note})` : name, ...columns.map(({ cells }) => cells.get(name) ?? "")];
  });
  const lines = [
    [titles[section], ...columns.map(({ title }) => title)],
    ["---", ...columns.map(() => "---")],
    ...rows,
  ];
  return [lines.map((cells) => `| ${cells.map((text) => text.replaceAll("|", "\\|")).join(" | ")} |`).join("\n")];
}

/** A figure in its unit with its spread, or why there is none. */
export function cell(figure: Figure | Missing): string {
  if ("missing" in figure) return `not measured: ${figure.missing}`;
  const { median, low, high, rounds, unit } = figure;
  const spread = rounds > 1 ? ` (${digits(low)} to ${digits(high)})` : "";
  return `${digits(median)}${unit && ` ${unit}`}${spread}`;
}

/** Three significant digits, without an exponent where that stays short. */
function digits(value: number): string {
  if (value !== 0 && Math.abs(value) < 1e-3) return value.toExponential(1);
  if (Math.abs(value) >= 1000) return Math.round(value).toLocaleString("en");
  return String(Number(value.toPrecision(3)));
}
