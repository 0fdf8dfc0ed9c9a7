// Figures worked out by hand.
import { describe, expect, it } from "vitest";
import { classificationReport } from "../../src/nn/classification_report.ts";

describe("classificationReport", () => {
  it("counts rows by true and by predicted class", () => {
    const report = classificationReport([0, 0, 0, 1, 1, 2, 2, 2, 2], [0, 0, 1, 1, 2, 2, 2, 0, 2], 3);
    expect(report.confusionMatrix).toEqual([
      [2, 1, 0],
      [0, 1, 1],
      [1, 0, 3],
    ]);
    expect(report.support).toEqual([3, 2, 4]);
    expect(report.precision).toEqual([2 / 3, 1 / 2, 3 / 4]);
    expect(report.recall).toEqual([2 / 3, 1 / 2, 3 / 4]);
    expect(report.accuracy).toBe(6 / 9);
    [2 / 3, 1 / 2, 3 / 4].forEach((f1, c) => {
      expect(report.f1[c]).toBeCloseTo(f1, 15);
    });
    expect(report.macroF1).toBeCloseTo((2 / 3 + 1 / 2 + 3 / 4) / 3, 15);
  });

  it("takes the harmonic mean of a precision and a recall that differ", () => {
    const { precision, recall, f1, accuracy } = classificationReport([1, 1, 1, 1, 0], [1, 0, 0, 0, 0], 2);
    expect(precision).toEqual([1 / 4, 1]);
    expect(recall).toEqual([1, 1 / 4]);
    expect(f1).toEqual([2 / 5, 2 / 5]);
    expect(accuracy).toBe(2 / 5);
  });

  it("gives 0 where there is nothing to divide by", () => {
    // Class 1 is never predicted, class 2 never there, class 3 neither.
    const { precision, recall, f1, support, macroF1 } = classificationReport([0, 1, 1], [0, 2, 0], 4);
    expect(precision).toEqual([1 / 2, 0, 0, 0]);
    expect(recall).toEqual([1, 0, 0, 0]);
    expect(f1).toEqual([2 / 3, 0, 0, 0]);
    expect(support).toEqual([1, 2, 0, 0]);
    expect(macroF1).toBeCloseTo(1 / 6, 15);
    expect(classificationReport([], [], 2)).toMatchObject({ accuracy: 0, macroF1: 0 });
  });

  it.each([
    ["lists of different lengths", [0, 1], [0], /2 labels, but 1 predictions/],
    ["a label out of range", [0, 2], [0, 1], /row 1 has the label 2; expected a whole number from 0 to 1/],
    ["half a prediction", [0], [0.5], /row 0 has the prediction 0\.5/],
  ])("refuses %s", (_, labels, predicted, message) => {
    expect(() => classificationReport(labels, predicted, 2)).toThrow(
      expect.objectContaining({ code: "data", message: expect.stringMatching(message) }),
    );
  });
});
