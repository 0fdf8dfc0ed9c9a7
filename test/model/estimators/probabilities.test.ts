// Probabilities from margins, and how good they are.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type ClassValues, fitTemperature, softmax } from "../../../src/model/estimators/calibration.ts";
import { expectedCalibrationError, logLoss } from "../../../src/model/estimators/probability_scores.ts";

const reference = JSON.parse(readFileSync("test/golden/scikit-learn.json", "utf8")).functions;
const rows = (values: number[][]): ClassValues & { data: Float32Array } => ({
  data: Float32Array.from(values.flat()),
  shape: [values.length, values[0]!.length],
});
const error = (code: string, message: RegExp) =>
  expect.objectContaining({ code, message: expect.stringMatching(message) });

describe("softmax", () => {
  it("of large values stays finite, and its rows sum to 1", () => {
    const p = softmax(
      rows([
        [1000, 999, -1000],
        [0, 0, 0],
      ]),
    );
    const e = Math.exp(-1);
    [1 / (1 + e), e / (1 + e), 0, 1 / 3, 1 / 3, 1 / 3].forEach((value, i) => {
      expect(p[i]).toBeCloseTo(value, 7);
    });
    expect([...softmax(rows([[3, 1]]), 0)]).toEqual([0.5, 0.5]);
  });
});

describe("fitTemperature", () => {
  const { margins, labels, t } = reference.temperature;

  it("finds what scipy's minimizer finds", () => {
    expect(fitTemperature({ data: margins.flat(), shape: [6, 3] }, labels)).toBeCloseTo(t, 6);
  });

  it("undoes a factor of the margins, near or far from 1", () => {
    for (const factor of [1e-3, 0.1, 10, 1e3]) {
      const data = margins.flat().map((value: number) => value * factor);
      expect(fitTemperature({ data, shape: [6, 3] }, labels) * factor).toBeCloseTo(t, 5);
    }
  });

  it("stays finite where every row is right, and is 0 where margins say the opposite", () => {
    const sure = fitTemperature(
      rows([
        [1, -1],
        [-1, 1],
      ]),
      [0, 1],
    );
    expect(softmax(rows([[1, -1]]), sure)[0]).toBeCloseTo(3 / 4, 6); // Platt's target (n + 1) / (n + 2)
    expect(
      fitTemperature(
        rows([
          [1, -1],
          [-1, 1],
        ]),
        [1, 0],
      ),
    ).toBe(0);
    expect(
      fitTemperature(
        rows([
          [2, 2],
          [2, 2],
        ]),
        [1, 0],
      ),
    ).toBe(0); // nothing to learn from
  });

  it("is not led astray where many classes make the likelihood flat", () => {
    // 100 rows with the right class 1 ahead of 999 others: e^t / (e^t + 999) = 101 / 102.
    const data = new Float32Array(100 * 1000);
    for (let row = 0; row < 100; row++) data[row * 1000 + 7] = 1;
    const t = fitTemperature({ data, shape: [100, 1000] }, new Array(100).fill(7));
    expect(t).toBeCloseTo(Math.log(101 * 999), 6);
  });
});

describe("logLoss", () => {
  it("is scikit-learn's on float32, a probability of 0 included", () => {
    expect(logLoss(rows(reference.probabilities), reference.probabilityLabels)).toBeCloseTo(reference.logLoss, 6);
  });

  it.each([
    ["a label that is no class", rows([[0.5, 0.5]]), [2], /row 0 has label 2; expected an index from 0 to 1/],
    ["other labels", rows([[0.5, 0.5]]), [0, 1], /each of the 1 rows, got 2/],
    ["what is no probability", rows([[1.5, -0.5]]), [0], /row 0: 1\.5 is not a probability/],
    [
      "NaN",
      rows([
        [0.5, 0.5],
        [Number.NaN, 1],
      ]),
      [0, 1],
      /row 1: NaN is not a probability/,
    ],
    ["a wrong shape", { data: [0.5], shape: [1, 2] as [number, number] }, [0], /shape \[1, 2\] does not fit 1/],
  ])("refuses %s", (_, probabilities, labels, message) => {
    expect(() => logLoss(probabilities, labels)).toThrow(error("data", message));
    expect(() => expectedCalibrationError(probabilities, labels)).toThrow(error("data", message));
  });
});

describe("expectedCalibrationError", () => {
  it("weighs the gap of each bin by its rows", () => {
    // Confidences .9 .9 (one right) in one bin, .6 (right) in another: 2/3 |.5 - .9| + 1/3 |1 - .6|.
    const p = rows([
      [0.9, 0.1],
      [0.1, 0.9],
      [0.6, 0.4],
    ]);
    expect(expectedCalibrationError(p, [0, 0, 0], 10)).toBeCloseTo((2 / 3) * 0.4 + (1 / 3) * 0.4, 6);
    // In one bin the gaps cancel in part: |2/3 - .8|.
    expect(expectedCalibrationError(p, [0, 0, 0], 1)).toBeCloseTo(0.8 - 2 / 3, 6);
  });

  it("is 0 for what is sure and right, 1 for what is sure and wrong", () => {
    const p = rows([
      [1, 0],
      [0, 1],
    ]);
    expect(expectedCalibrationError(p, [0, 1])).toBe(0);
    expect(expectedCalibrationError(p, [1, 0])).toBe(1);
  });

  it("puts a bin's upper end into it", () => {
    // .5 belongs to (0, .5], .75 to (.5, 1]: (|1 - .5| + |0 - .75|) / 2. In one bin they would nearly cancel.
    const p = rows([
      [0.5, 0.5],
      [0.75, 0.25],
    ]);
    expect(expectedCalibrationError(p, [0, 1], 2)).toBeCloseTo((0.5 + 0.75) / 2, 12);
    expect(() => expectedCalibrationError(p, [0, 1], 0)).toThrow(error("config", /bins must be a positive/));
  });
});
