import { expect, test } from "vitest";
import { inUnits, prepare, towards } from "../../src/cli/standardization.ts";

const x = { data: Float32Array.of(1, 3, 5, 700), shape: [4, 1] as [number, number] };
const dataset = {
  name: "prices.csv",
  source: "prices.csv",
  train: { x, y: Float32Array.of(10, 30, 50, 9000) },
  featureNames: ["size"],
  targetName: "price",
};

test("columns and target are measured on the rows that train", () => {
  const { train, metadata } = prepare(dataset, { standardize: true, validationSplit: 0.25 });
  const deviation = Math.sqrt(8 / 3);
  expect(metadata.standardization?.mean).toEqual([3]);
  expect(metadata.standardization?.scale[0]).toBeCloseTo(deviation, 6);
  expect(metadata.target).toEqual({ name: "price", mean: 30, scale: Math.fround(10 * deviation) });
  expect(train.y[0]).toBeCloseTo(-2 / deviation, 6);
  expect(train.y[3]).toBeCloseTo(897 / deviation, 3);
});

test("what a file knows goes before what the rows would give", () => {
  const target = { name: "price", mean: 0, scale: 10 };
  const { train, metadata } = prepare(dataset, { standardize: false, validationSplit: 0 }, { target });
  expect(metadata).toEqual({ featureNames: ["size"], target });
  expect([...train.y]).toEqual([1, 3, 5, 900]);
  expect(train.x).toBe(x);
});

test("errors return to the target's units, labels and other values stay", () => {
  const target = { name: "price", mean: 5, scale: 10 };
  const logs = { loss: 1, r2: 0.5, mae: 2, mse: 3, val_loss: 1, val_r2: 0.5, val_mae: 2, val_mse: 3 };
  expect(inUnits(logs, target)).toEqual({ ...logs, mae: 20, mse: 300, val_mae: 20, val_mse: 300 });
  expect(inUnits(logs, undefined)).toBe(logs);
  const labels = Uint8Array.of(1, 2);
  expect(towards(labels, {})).toBe(labels);
});
