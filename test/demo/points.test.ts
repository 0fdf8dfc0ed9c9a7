import { expect, test } from "vitest";
import { drawPoints, type Point, shapeNames } from "../../demo/points.ts";

const still = { count: 301, noise: 0, seed: 3 };
const ofClass = (points: readonly Point[], label: number) => points.filter((point) => point.label === label);
const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

test.each(shapeNames)("%s: a seed draws the same points, another one others; classes are of one size", (name) => {
  const options = { count: 200, noise: 0.1, seed: 7 };
  const points = drawPoints(name, options);
  expect(drawPoints(name, options)).toEqual(points);
  expect(drawPoints(name, { ...options, seed: 8 })).not.toEqual(points);
  const classes = new Set(points.map(({ label }) => label)).size;
  expect(classes).toBe(name === "blobs" ? 4 : 2);
  for (let label = 0; label < classes; label++) expect(ofClass(points, label)).toHaveLength(200 / classes);
});

test.each(shapeNames)("%s: no point leaves the square, whatever the noise, nor gathers at its edge", (name) => {
  const points = drawPoints(name, { count: 2000, noise: 0.4, seed: 1 });
  const sizes = points.flatMap(({ x, y }) => [Math.abs(x), Math.abs(y)]);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(1);
  expect(sizes.filter((size) => size > 0.999).length).toBeLessThan(20);
});

test("without noise the moons lie on their half circles", () => {
  const points = drawPoints("moons", still);
  for (const { x, y, label } of points) {
    // Centres (-.275, -.1375), the upper half, and (.275, .1375), the lower one.
    const side = label === 0 ? 1 : -1;
    expect(Math.hypot(x + side * 0.275, y + side * 0.1375)).toBeCloseTo(0.55, 12);
    expect(side * (y + side * 0.1375)).toBeGreaterThanOrEqual(0);
  }
  // All of the half circle: from one end to the other.
  const xs = ofClass(points, 0).map(({ x }) => x);
  expect(Math.min(...xs)).toBeLessThan(-0.82);
  expect(Math.max(...xs)).toBeGreaterThan(0.27);
});

test("without noise the circles' points lie at their radii, all around", () => {
  const points = drawPoints("circles", still);
  for (const { x, y, label } of points) expect(Math.hypot(x, y)).toBeCloseTo(label === 0 ? 0.8 : 0.4, 12);
  for (const sign of [1, -1]) {
    expect(points.some(({ x }) => sign * x > 0.79)).toBe(true);
    expect(points.some(({ y }) => sign * y > 0.79)).toBe(true);
  }
});

test("without noise the spirals' angles follow from their radii, one half a turn before the other", () => {
  for (const { x, y, label } of drawPoints("spirals", still)) {
    const radius = Math.hypot(x, y);
    const angle = (3 * Math.PI * (radius - 0.1)) / 0.8 + (label === 1 ? Math.PI : 0);
    expect(x).toBeCloseTo(radius * Math.cos(angle), 10);
    expect(y).toBeCloseTo(radius * Math.sin(angle), 10);
    expect(radius).toBeGreaterThanOrEqual(0.1);
    expect(radius).toBeLessThanOrEqual(0.9);
  }
});

test("without noise XOR's class is the sign of x y, off the axes, in all four squares", () => {
  const points = drawPoints("xor", still);
  for (const { x, y, label } of points) {
    expect(x * y > 0).toBe(label === 0);
    expect(Math.min(Math.abs(x), Math.abs(y))).toBeGreaterThanOrEqual(0.1);
  }
  const squares = new Set(points.map(({ x, y }) => `${Math.sign(x)} ${Math.sign(y)}`));
  expect(squares.size).toBe(4);
});

test("without noise the blobs' points lie in their discs", () => {
  const centres = [
    [-0.5, 0.5],
    [0.5, 0.5],
    [-0.5, -0.5],
    [0.5, -0.5],
  ] as const;
  for (const { x, y, label } of drawPoints("blobs", still)) {
    const [left, up] = centres[label] as readonly [number, number];
    expect(Math.hypot(x - left, y - up)).toBeLessThanOrEqual(0.3);
  }
});

test("noise has the standard deviation it is told, in both coordinates", () => {
  const points = drawPoints("circles", { count: 4000, noise: 0.05, seed: 2 });
  // Across the circle: for a radius r >> sigma the distance from the centre has the mean r + sigma^2 / 2 r.
  const off = ofClass(points, 1).map(({ x, y }) => Math.hypot(x, y) - 0.4);
  expect(Math.abs(mean(off) - 0.05 ** 2 / 0.8)).toBeLessThan(0.004); // 3.6 standard errors
  const deviation = Math.sqrt(mean(off.map((value) => value ** 2)) - mean(off) ** 2);
  expect(Math.abs(deviation - 0.05)).toBeLessThan(0.003); // 3.8 standard errors
});
