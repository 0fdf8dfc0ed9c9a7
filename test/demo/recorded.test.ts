import { expect, test } from "vitest";
import recorded from "../../demo/recorded.json" with { type: "json" };

test("the recording is one of the published example, and its figures agree with one another", () => {
  const { history, test: evaluation, confusionMatrix, adapter, seconds } = recorded;
  expect(Object.keys(history)).toEqual(["loss", "acc", "val_loss", "val_acc"]);
  for (const values of Object.values(history)) expect(values.length).toBe(20);
  const counts = confusionMatrix.flat();
  expect(counts.length).toBe(100);
  // MNIST's test labels.
  const support = confusionMatrix.map((row) => row.reduce((sum, count) => sum + count, 0));
  expect(support).toEqual([980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]);
  const right = confusionMatrix.reduce((sum, row, digit) => sum + (row[digit] as number), 0);
  expect(right / 10_000).toBe(evaluation.acc);
  expect(history.val_acc.at(-1)).toBeGreaterThan(0.965);
  expect(adapter.name).not.toBe("");
  expect(seconds.total).toBeGreaterThanOrEqual(seconds.features + seconds.train);
});
