// Two real tables from the package vega-datasets, as rows for training and testing.
import type { Label } from "../src/index.ts";

export interface Part<Target> {
  readonly x: number[][];
  readonly y: Target[];
}

export interface Split<Target> {
  readonly train: Part<Target>;
  /** Every fourth row. */
  readonly test: Part<Target>;
}

type Cell = string | number | null;

/** Palmer Archipelago's penguins (Gorman, Williams and Fraser, 2014): 342 birds of three species; grams beside millimetres. */
export const penguins = {
  path: "node_modules/vega-datasets/data/penguins.json",
  columns: ["Beak Length (mm)", "Beak Depth (mm)", "Flipper Length (mm)", "Body Mass (g)"],
  read: (bytes: Uint8Array) => split<string>(bytes, penguins.columns, "Species"),
};

/** 392 cars of 1970 to 1982 (StatLib, 1983), and how many miles a gallon takes them. */
export const cars = {
  path: "node_modules/vega-datasets/data/cars.json",
  columns: ["Cylinders", "Displacement", "Horsepower", "Weight_in_lbs", "Acceleration", "Year"],
  read: (bytes: Uint8Array) => split<number>(bytes, cars.columns, "Miles_per_Gallon"),
};

/** Rows without a gap. A date counts by its year. */
function split<Target extends Label>(bytes: Uint8Array, columns: readonly string[], target: string): Split<Target> {
  const table: Record<string, Cell>[] = JSON.parse(new TextDecoder().decode(bytes));
  const rows = table.filter((row) => [...columns, target].every((column) => row[column] !== null));
  const part = (isMine: (row: number) => boolean): Part<Target> => {
    const mine = rows.filter((_, i) => isMine(i));
    return { x: mine.map((row) => columns.map((c) => toNumber(row[c]!))), y: mine.map((row) => row[target] as Target) };
  };
  return { train: part((i) => i % 4 !== 3), test: part((i) => i % 4 === 3) };
}

function toNumber(cell: string | number): number {
  return typeof cell === "string" ? Number(cell.slice(0, 4)) : cell;
}
