/** A number with so many decimals, without the 0 before the point: .9724, -.31, 1.20. */
export function decimals(value: number, digits: number): string {
  return value.toFixed(digits).replace(/^(-?)0\./, "$1.");
}
