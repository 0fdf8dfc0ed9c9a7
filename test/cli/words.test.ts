import { expect, test } from "vitest";
import { calibrationOf, checkHasProbabilities } from "../../src/cli/calibration.ts";
import { inWords, reportTable } from "../../src/cli/words.ts";
import { ConfigError } from "../../src/errors.ts";
import { classificationReport, type Sequential } from "../../src/index.ts";

test("values as words keep their digits where they are large", () => {
  expect(inWords({ loss: 0.02034, mse: 1234567.89 })).toBe("loss: 0.0203 - mse: 1.23457e+6");
});

test("a report as a table", () => {
  const report = classificationReport([0, 0, 0, 1], [0, 0, 1, 1], 2);
  expect(reportTable(report, ["inner", "out"])).toBe(
    [
      "class  precision  recall      f1  rows",
      "inner     1.0000  0.6667  0.8000     3",
      "out       0.5000  1.0000  0.6667     1",
      "accuracy: 0.7500 - macro f1: 0.7333",
      "true class below, predicted class beside",
      "       inner  out",
      "inner      2    1",
      "out        0    1",
    ].join("\n"),
  );
});

test("calibration of a softmax of large logits", async () => {
  // Twice the odds e^2, once for the right class and once for the wrong one, whatever is added to a row.
  const data = Float32Array.of(2, 0, 1024, 1026);
  const p = 1 / (1 + Math.exp(-2));
  const model = { predict: async () => ({ data, shape: [2, 2] }) } as unknown as Sequential;
  const x = { data: new Float32Array(2), shape: [2, 1] as [number, number] };
  const { logLoss, calibrationError } = await calibrationOf(model, x, [0, 0]);
  expect(logLoss).toBeCloseTo((-Math.log(p) - Math.log(1 - p)) / 2, 5);
  expect(calibrationError).toBeCloseTo(p - 0.5, 5);
});

test("only a softmax has probabilities", () => {
  expect(() => checkHasProbabilities("hinge")).toThrow(ConfigError);
  expect(() => checkHasProbabilities("binary_crossentropy")).toThrow(ConfigError);
  checkHasProbabilities("sparse_categorical_crossentropy");
});
