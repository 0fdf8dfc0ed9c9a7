/**
 * Where a function of the plane takes a value: marching squares between the centres of a grid's pixels, with straight
 * lines between them (Maple, "Geometric design and space planning using the marching squares and marching cube
 * algorithms", 2003).
 * @param values [size, size], row after row from y = 1 down.
 * @returns segments, x0 y0 x1 y1 each, in [-1, 1].
 */
export function contour(values: Float32Array, size: number, level: number): Float32Array<ArrayBuffer> {
  const lines: number[] = [];
  for (let row = 0; row + 1 < size; row++) {
    for (let column = 0; column + 1 < size; column++) {
      const corner = row * size + column;
      // From the upper left one around, clockwise.
      const a = (values[corner] as number) - level;
      const b = (values[corner + 1] as number) - level;
      const c = (values[corner + size + 1] as number) - level;
      const d = (values[corner + size] as number) - level;
      const above = [a >= 0, b >= 0, c >= 0, d >= 0];
      if (above.every((is) => is === above[0])) continue;
      // Edges that are crossed, in the order of the corners they begin at.
      const crossings: [x: number, y: number][] = [];
      if (above[0] !== above[1]) crossings.push([column + a / (a - b), row]);
      if (above[1] !== above[2]) crossings.push([column + 1, row + b / (b - c)]);
      if (above[2] !== above[3]) crossings.push([column + d / (d - c), row + 1]);
      if (above[3] !== above[0]) crossings.push([column, row + a / (a - d)]);
      // All four: the middle says which of two opposite corners hang together.
      if (crossings.length === 4 && a + b + c + d >= 0 !== above[0]) crossings.push(crossings.shift()!);
      for (const [x, y] of crossings) lines.push((2 * x + 1) / size - 1, 1 - (2 * y + 1) / size);
    }
  }
  return Float32Array.from(lines);
}
