// Which test digits the gallery shows.
import { signal } from "@preact/signals";
import type { LookReport } from "../../worker/look.ts";

export interface Filter {
  readonly which: "mistakes" | "all";
  /** What they are; undefined for any digit. */
  readonly label: number | undefined;
  /** What they were taken for; undefined for any digit. */
  readonly taken: number | undefined;
}

export const filter = signal<Filter>({ which: "mistakes", label: undefined, taken: undefined });
/** The gallery's page, from 0. */
export const page = signal(0);

/** Filters anew, and begins with the first page. */
export function setFilter(change: Partial<Filter>): void {
  filter.value = { ...filter.value, ...change };
  page.value = 0;
}

/** Numbers of the digits that a filter lets pass, in the report's order. */
export function passing(
  { labels, predicted, order }: Pick<LookReport, "labels" | "predicted" | "order">,
  { which, label, taken }: Filter,
): Uint32Array {
  return order.filter(
    (row) =>
      (which === "all" || labels[row] !== predicted[row]) &&
      (label === undefined || labels[row] === label) &&
      (taken === undefined || predicted[row] === taken),
  );
}
