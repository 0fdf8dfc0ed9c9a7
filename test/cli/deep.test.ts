import { expect, test } from "vitest";
import { network } from "../../src/cli/deep.ts";

test("the deep network has two convolutions below the features, which may be frozen", () => {
  const summary = (trainable: boolean) => network(trainable, { seed: 0, tune: "off" }).summary();
  expect(summary(true).match(/Conv2D\)/g)).toHaveLength(2);
  for (const shape of ["12, 12, 16", "6, 6, 16", "4, 4, 32", "512", "1024", "10"]) {
    expect(summary(true)).toContain(`[null, ${shape}]`);
  }
  const convolutions = (5 * 5 * 1 + 1) * 16 + (3 * 3 * 16 + 1) * 32;
  const head = (1024 + 1) * 10;
  expect(summary(true)).toContain(`Trainable params: ${(convolutions + head).toLocaleString("en-US")}`);
  expect(summary(false)).toContain(`Trainable params: ${head.toLocaleString("en-US")}`);
});
