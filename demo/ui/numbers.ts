/** A number with so many decimals, without the 0 before the point: .9724, -.31, 1.20. */
export function decimals(value: number, digits: number): string {
  return value.toFixed(digits).replace(/^(-?)0\./, "$1.");
}

/** A number of things: "1 row", "1,200 rows". */
export function counted(count: number, thing: string): string {
  return `${count.toLocaleString("en")} ${thing}${count === 1 ? "" : "s"}`;
}
