// Estimators from the command line, on the package's tables as CSV files, beside scikit-learn's scores on the same rows.
import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { cars, penguins } from "../tables.ts";
import { scratchFolder } from "./scratch.ts";
import { runSource } from "./source.ts";

const scratch = scratchFolder();
const reference = JSON.parse(readFileSync("test/golden/scikit-learn.json", "utf8"));

/** The table as a CSV file, every fourth row again one of its test rows. */
async function csvOf({ path, columns, read }: typeof penguins | typeof cars, label: string): Promise<string> {
  const { train, test } = read(readFileSync(path));
  const lines = [[...columns, label].join(",")];
  for (let row = 0; row < train.y.length + test.y.length; row++) {
    const [part, at] = row % 4 === 3 ? [test, (row - 3) / 4] : [train, row - Math.floor(row / 4)];
    lines.push([...(part.x[at] ?? []), part.y[at]].join(","));
  }
  const file = join(scratch.path, `${label}.csv`);
  await writeFile(file, `${lines.join("\n")}\n`);
  return file;
}

test("fit: a support vector classifier of string labels and columns of very different scales", async () => {
  const file = await csvOf(penguins, "species");
  const out = join(scratch.path, "penguins.safetensors");
  const fitted = runSource("fit", "--data", file, "--label", "species", "--json", "--out", out);
  expect(fitted).toMatchObject({ status: 0, stderr: "" });
  const { accuracy, majority } = JSON.parse(fitted.last);
  expect(accuracy).toBeGreaterThan(majority + 0.15);
  expect(Math.abs(accuracy - reference.penguins.linearSvc)).toBeLessThan(0.02);
  expect(fitted.stdout).toMatch(/^Chinstrap +\d+ +\d+ +\d+$/m); // its row of the confusion matrix
  const measured = runSource("evaluate", "--model", out, "--data", file, "--label", "species");
  expect(measured).toMatchObject({ status: 0, stderr: "" });
});

test("fit: ridge regression within .02 of scikit-learn's R2", async () => {
  const file = await csvOf(cars, "miles");
  const fitted = runSource("fit", "--estimator", "ridge", "--data", file, "--label", "miles", "--json", "--quiet");
  expect(fitted).toMatchObject({ status: 0, stderr: "" });
  expect(Math.abs(JSON.parse(fitted.last).r2 - reference.cars.ridgeNystroem)).toBeLessThan(0.02);
});

test("fit: a regression of classes is refused", () => {
  const refused = runSource("fit", "--estimator", "ridge", "--data", "mnist");
  expect(refused.status).toBe(1);
  expect(refused.stderr).toMatch(/--estimator ridge: mnist has classes/);
});
