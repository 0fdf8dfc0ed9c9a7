// The command line of the benchmark.
import { parseArgs } from "node:util";
import type { Settings } from "./bench.ts";
import { sectionNames } from "./figures.ts";
import { type Place, places } from "./places.ts";

export const usage = `npm run bench -- [options]

  --adapters LIST  of ${places.join(", ")}; default all
  --chrome         the same as --adapters chrome
  --only LIST      of ${sectionNames.join(", ")}; default all
  --quick          fewer rounds and epochs
  --epochs N       of the example on the first adapter; default 20
  --json FILE      default test/bench/results.json, unless --quick, --only or --adapters leaves something out
  --readme         only rewrites the README's tables from the results
`;

export interface Options {
  readonly places: readonly Place[];
  readonly settings: Settings;
  readonly quick: boolean;
  /** Undefined where nothing is to be kept. */
  readonly json: string | undefined;
  readonly readme: boolean;
}

/** @throws Error that names what is wrong. */
export function parseOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      adapters: { type: "string" },
      chrome: { type: "boolean", default: false },
      only: { type: "string" },
      quick: { type: "boolean", default: false },
      epochs: { type: "string" },
      json: { type: "string" },
      readme: { type: "boolean", default: false },
    },
  });
  const { quick, readme } = values;
  const selected = pick("--adapters", values.chrome ? "chrome" : values.adapters, places);
  const sections = pick("--only", values.only, sectionNames);
  const epochs = Number(values.epochs ?? (quick ? 2 : 20));
  if (!(Number.isInteger(epochs) && epochs > 0))
    throw new Error(`--epochs: expected a whole number, got ${values.epochs}`);
  const whole = !quick && selected.length === places.length && sections.length === sectionNames.length;
  return {
    places: selected,
    settings: { sections, rounds: quick ? 2 : 5, epochs },
    quick,
    json: values.json ?? (whole ? "test/bench/results.json" : undefined),
    readme,
  };
}

function pick<Name extends string>(option: string, list: string | undefined, known: readonly Name[]): readonly Name[] {
  if (list === undefined) return known;
  const names = list.split(",");
  const unknown = names.find((name) => !(known as readonly string[]).includes(name));
  if (unknown !== undefined) throw new Error(`${option}: "${unknown}" is none of ${known.join(", ")}`);
  return known.filter((name) => names.includes(name));
}
