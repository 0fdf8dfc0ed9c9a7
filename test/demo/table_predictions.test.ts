import { expect, test } from "vitest";
import { toCsv, withPredictions } from "../../demo/worker/table/predictions.ts";

const listing = {
  header: ["a", "predicted"],
  rows: [
    ["1", "x, y"],
    ["", "z"],
    ["3", 'a "quote"'],
  ],
};

test("classes and their scores are written beside the rows, as CSV", async () => {
  const scores = { data: Float32Array.of(0.1, 0.9, 2, -1), shape: [2, 2] as const };
  const predicted = withPredictions(
    listing,
    { task: "classification", classes: ["no", "yes"], indices: [1, 0], scores, scoreName: "score" },
    [0, 2],
  );
  expect(await toCsv(predicted).text()).toBe(
    'a,predicted,predicted (model),score no,score yes\r\n1,"x, y",yes,0.1,0.9\r\n,z,,,\r\n3,"a ""quote""",no,2,-1\r\n',
  );
});

test("numbers are written with the digits that float32 has", () => {
  const values = Float32Array.of(0.1, 1e7, -2.5);
  const { header, rows } = withPredictions(
    { ...listing, header: ["a", "b"] },
    { task: "regression", values },
    [0, 1, 2],
  );
  expect(header).toEqual(["a", "b", "predicted"]);
  expect(rows.map((row) => row.at(-1))).toEqual(["0.1", "10000000", "-2.5"]);
});
