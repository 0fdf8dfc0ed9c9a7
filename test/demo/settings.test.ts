import { expect, test } from "vitest";
import { bounds, choices, defaults, fromQuery, type Settings, toQuery } from "../../demo/settings.ts";

/** Other than the default in every setting, with numbers that are easily spoiled on the way. */
const others: Settings = {
  outputDim: 777,
  scale: 0.1,
  kernel: "laplacian",
  featureMap: "sorf",
  loss: "categorical_crossentropy",
  learningRate: 0.000123,
  batchSize: 1,
  epochs: 200,
  seed: 2 ** 31,
  cache: "off",
  rows: 100,
};

test("a link carries what differs from the defaults, and gives it back", () => {
  expect(toQuery(defaults)).toBe("");
  expect(toQuery({ ...defaults, outputDim: 512, loss: "squared_hinge" })).toBe("outputDim=512&loss=squared_hinge");
  expect(fromQuery("")).toEqual(defaults);
  for (const name of Object.keys(defaults) as (keyof Settings)[]) {
    const one = { ...defaults, [name]: others[name] };
    expect(fromQuery(toQuery(one))).toEqual(one);
  }
  expect(fromQuery(toQuery(others))).toEqual(others);
});

test("every setting has bounds or choices, which its default keeps", () => {
  expect([...Object.keys(bounds), ...Object.keys(choices)].sort()).toEqual(Object.keys(defaults).sort());
  for (const [name, { min, max }] of Object.entries(bounds)) {
    expect(fromQuery(`${name}=${min}`)).toEqual({ ...defaults, [name]: min });
    expect(fromQuery(`${name}=${max}`)).toEqual({ ...defaults, [name]: max });
    expect(defaults[name as keyof typeof bounds]).toBeGreaterThanOrEqual(min);
    expect(defaults[name as keyof typeof bounds]).toBeLessThanOrEqual(max);
  }
  for (const [name, words] of Object.entries(choices)) {
    expect(words).toContain(defaults[name as keyof typeof choices]);
    for (const word of words) expect(fromQuery(`${name}=${word}`)).toEqual({ ...defaults, [name]: word });
  }
});

test.each([
  ["below its bounds", "outputDim=15"],
  ["above its bounds", "outputDim=16385"],
  ["not whole", "epochs=2.5"],
  ["not positive", "learningRate=0"],
  ["negative", "seed=-1"],
  ["no number", "scale=ten"],
  ["not a number", "scale=NaN"],
  ["infinite", "scale=Infinity"],
  ["empty", "batchSize="],
  ["without a value", "batchSize"],
  ["an unknown word", "kernel=cauchy"],
  ["a word of another setting", "kernel=hinge"],
  ["a word in other letters", "loss=Hinge"],
  ["a loss that the page does not offer", "loss=huber"],
  ["an unknown name", "outputdim=512"],
  ["a name that every object has", "constructor=5&toString=hinge&__proto__=7"],
  ["broken", "%E0%A4%A=&&=?#"],
])("what is %s stays as it is by default", (_, query) => {
  expect(fromQuery(query)).toEqual(defaults);
  expect(fromQuery(`${query}&rows=6000`)).toEqual({ ...defaults, rows: 6000 });
});

test("numbers are read however they are written; of a name given twice the last that is good counts", () => {
  expect(fromQuery("learningRate=1e-2&outputDim=+64")).toEqual({ ...defaults, learningRate: 0.01, outputDim: 64 });
  expect(fromQuery("rows=200&rows=300&rows=1")).toEqual({ ...defaults, rows: 300 });
  expect(fromQuery("seed=5&seed=")).toEqual({ ...defaults, seed: 5 });
});
