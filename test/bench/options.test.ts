import { expect, test } from "vitest";
import { parseOptions } from "./options.ts";

test("only a whole run is kept, unless a file is named", () => {
  expect(parseOptions([])).toMatchObject({
    places: ["best", "embedded", "chrome"],
    settings: { rounds: 5, epochs: 20 },
    json: "test/bench/results.json",
  });
  expect(parseOptions(["--quick"])).toMatchObject({ json: undefined, settings: { epochs: 2 } });
  expect(parseOptions(["--chrome"])).toMatchObject({ json: undefined, places: ["chrome"] });
  expect(parseOptions(["--quick", "--json", "x.json"])).toMatchObject({ json: "x.json" });
});

test("selections keep the benchmark's own order and refuse unknown names", () => {
  expect(parseOptions(["--only", "step,roofline"]).settings.sections).toEqual(["roofline", "step"]);
  expect(() => parseOptions(["--only", "speed"])).toThrow(/"speed" is none of roofline/);
  expect(() => parseOptions(["--epochs", "0"])).toThrow(/--epochs/);
});
