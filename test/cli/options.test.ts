import { expect, test } from "vitest";
import { featureCache, integer, real, UsageError } from "../../src/cli/options.ts";

test.each([
  ["1", 1],
  ["+20", 20],
  ["007", 7],
])("a whole number: %s", (text, value) => expect(integer("--epochs", { min: 1 })(text)).toBe(value));

test.each(["1x", "", " 1", "1.5", "1e3", "0", "-1", "Infinity", "0x10"])("not a whole number from 1: %j", (text) => {
  const read = () => integer("--epochs", { min: 1 })(text);
  expect(read).toThrow(UsageError);
  expect(read).toThrow(`--epochs expects a whole number of at least 1, got "${text}".`);
});

test.each([
  ["1e-3", 1e-3],
  [".5", 0.5],
  ["2.", 2],
])("a number: %s", (text, value) => expect(real("--scale", { above: 0 })(text)).toBe(value));

test.each(["", "x", "1,5", "1e400", "NaN", "0", "-2"])("not a number above 0: %j", (text) => {
  expect(() => real("--scale", { above: 0 })(text)).toThrow(`--scale expects a number above 0, got "${text}".`);
});

test("a share has both ends", () => {
  const split = real("--validation-split", { min: 0, below: 1 });
  expect(split("0")).toBe(0);
  expect(() => split("1")).toThrow('--validation-split expects a number of at least 0 and below 1, got "1".');
});

test.each([
  ["auto", "auto"],
  ["off", "off"],
  ["0", 0],
  ["800000000", 8e8],
  ["64k", 65536],
  ["512M", 2 ** 29],
  ["2G", 2 ** 31],
])("a feature cache: %s", (text, value) => expect(featureCache("--feature-cache")(text)).toBe(value));

test.each(["", "on", "Auto", "-1", "1.5G", "2GB", "2 G", "G", "0x10", "1e9", "99999999999G"])(
  "not a feature cache: %j",
  (text) => {
    const read = () => featureCache("--feature-cache")(text);
    expect(read).toThrow(UsageError);
    expect(read).toThrow(/^--feature-cache expects auto, off or a number of bytes such as .*, got "/);
  },
);
