// Numbers learned from a CSV file, in the units of its column.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { randomStream } from "../../src/random.ts";
import { scratchFolder } from "./scratch.ts";
import { runSource } from "./source.ts";

const scratch = scratchFolder();
const rowCount = 240;
let houses: string;
let prices: number[];

/** Prices around 300,000 that no line through the columns gives. */
beforeEach(async () => {
  houses = join(scratch.path, "houses.csv");
  const stream = randomStream(0, "houses");
  const rows = Array.from({ length: rowCount }, () => {
    const size = 40 + 160 * stream.nextUniform();
    const year = 1900 + Math.floor(120 * stream.nextUniform());
    return { size, year, price: 300_000 + 90_000 * Math.sin(size / 30) + 500 * (year - 1960) };
  });
  prices = rows.map(({ price }) => Math.fround(price));
  const lines = rows.map(({ size, year, price }) => `${size},${price},${year}`);
  await writeFile(houses, `size,price,year\n${lines.join("\n")}\n`);
});

const small = [
  "--output-dim",
  "128",
  "--epochs",
  "40",
  "--batch-size",
  "16",
  "--learning-rate",
  "0.02",
  "--standardize",
];

test.each([[["mean_squared_error", "--schedule", "cosine"]], [["epsilon_insensitive", "--epsilon", "2000"]]])(
  "train, evaluate and predict: --loss %j",
  async (loss) => {
    const file = (name: string) => join(scratch.path, name);
    const data = ["--data", houses, "--label", "price"];
    const out = file("houses.safetensors");
    const trained = runSource("train", ...data, ...small, "--loss", ...loss, "--json", "--out", out);
    expect(trained).toMatchObject({ status: 0, stderr: "" });
    const { history } = JSON.parse(trained.last);
    const names = ["loss", "r2", "mae", "mse"];
    expect(Object.keys(history)).toEqual([...names, ...names.map((name) => `val_${name}`)]);
    expect(history.val_r2.at(-1)).toBeGreaterThan(0.9);

    // The label is known to the model; the file's other column order is, too.
    const evaluated = runSource("evaluate", "--model", out, "--data", houses, "--label", "price", "--json");
    expect(evaluated.stderr).toBe("");
    const measured = JSON.parse(evaluated.last);
    expect(runSource("evaluate", "--model", out, "--data", houses).stdout).toContain(`${rowCount} rows - loss: `);

    const csv = file("predicted.csv");
    expect(runSource("predict", "--model", out, "--data", houses, "--out", csv).status).toBe(0);
    const [header, ...lines] = (await readFile(csv, "utf8")).trimEnd().split("\n");
    expect(header).toBe("prediction");
    const predicted = lines.map(Number);
    expect(predicted).toHaveLength(rowCount);
    const mean = prices.reduce((a, b) => a + b) / rowCount;
    const sum = (f: (error: number) => number) =>
      predicted.reduce((total, value, i) => total + f(value - prices[i]!), 0) / rowCount;
    const variance = prices.reduce((total, price) => total + (price - mean) ** 2, 0) / rowCount;
    const relative = (found: number, expected: number) => Math.abs(found / expected - 1);
    expect(relative(measured.mae, sum(Math.abs))).toBeLessThan(1e-3);
    expect(
      relative(
        measured.mse,
        sum((error) => error ** 2),
      ),
    ).toBeLessThan(1e-3);
    expect(measured.r2).toBeCloseTo(1 - sum((error) => error ** 2) / variance, 4);
    expect(runSource("evaluate", "--model", out, "--data", houses, "--report")).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("--report is of classes"),
    });
  },
  120_000,
);

test("a column of names is refused, and so are classes where the model is a regression", async () => {
  const named = join(scratch.path, "named.csv");
  await writeFile(named, "size,kind\n1,flat\n2,house\n3,flat\n");
  const data = ["--data", named, "--label", "kind"];
  expect(runSource("train", ...data, "--loss", "huber").stderr).toMatch(
    /line 2, column "kind".*finite float32.*"flat"/,
  );
  const out = join(scratch.path, "m.safetensors");
  const trained = runSource(
    "train",
    "--data",
    houses,
    "--label",
    "price",
    "--loss",
    "huber",
    "--epochs",
    "1",
    "--out",
    out,
  );
  expect(trained).toMatchObject({ status: 0 });
  expect(runSource("evaluate", "--model", out, "--data", "mnist").stderr).toMatch(/mnist has classes, but this model/);
  const init = runSource("train", "--data", houses, "--label", "year", "--loss", "huber", "--init", out);
  expect(init.stderr).toMatch(
    /--init .*the model has as outputs values of "price", but this training is for values of "year"/,
  );
}, 120_000);
