import { expect, test } from "vitest";
import { profileTable } from "../../src/cli/profile_table.ts";

test("a profile shows shares, times and dispatches, in columns", () => {
  const kernels = [
    { label: "feature_map", dispatches: 8, milliseconds: 1500 },
    { label: "dense.update", dispatches: 20000, milliseconds: 480 },
    { label: "advance", dispatches: 20000, milliseconds: 20 },
  ];
  expect(profileTable(kernels)).toBe(
    [
      "profile  2000.0 ms on the GPU",
      "         75.0%  1500.0 ms      8 x  187.500 ms  feature_map",
      "         24.0%   480.0 ms  20000 x    0.024 ms  dense.update",
      "          1.0%    20.0 ms  20000 x    0.001 ms  advance",
    ].join("\n"),
  );
});

test("a profile of clocks too coarse to see anything is one of zeros", () => {
  expect(profileTable([{ label: "advance", dispatches: 2, milliseconds: 0 }])).toBe(
    "profile  0.0 ms on the GPU\n         0.0%  0.0 ms  2 x  0.000 ms  advance",
  );
});
