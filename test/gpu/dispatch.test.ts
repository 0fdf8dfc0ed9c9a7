import { expect, test } from "vitest";
import { type Dispatch, overRows } from "../../src/gpu/dispatch.ts";

const whole: Dispatch = {
  label: "",
  pipeline: {} as GPUComputePipeline,
  bindGroups: [],
  workgroups: [6, 10, 1],
  rowAxis: "y",
  rowSpan: [0, 1],
};

test("fewer rows need fewer workgroups, along the axis of the rows", () => {
  expect(overRows(whole, 0.25).workgroups).toEqual([6, 3, 1]);
  expect(overRows({ ...whole, rowAxis: "x" }, 0.25).workgroups).toEqual([2, 10, 1]);
  expect(overRows({ ...whole, workgroups: [6, 10, 4] }, 0.25).workgroups).toEqual([6, 10, 1]);
  expect(overRows({ ...whole, rowAxis: "none" }, 0.25).workgroups).toEqual([6, 10, 1]);
});

test("a part of the rows needs none before its span, and all behind it", () => {
  const part = (share: number) => overRows({ ...whole, rowSpan: [0.25, 0.75] }, share).workgroups[1];
  expect([0.1, 0.25, 0.26, 0.5, 0.75, 1].map(part)).toEqual([0, 0, 1, 5, 10, 10]);
});
