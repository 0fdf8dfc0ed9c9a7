// What a visitor does, from the first training to a model taken home: once with a network, and once with none from the
// moment at which the page says that it is ready.
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { Visit } from "./browser.ts";
import { examine } from "./examine.ts";
import { drawing, drawingMeanwhile } from "./steps/draw.ts";
import { byKeyboard } from "./steps/keyboard.ts";
import { looking } from "./steps/look.ts";
import { plane } from "./steps/plane.ts";
import { ownData } from "./steps/table.ts";
import { takingAway } from "./steps/take_away.ts";
import { controlling, goingOn, training } from "./steps/train.ts";

describe.each(["on", "off once the page is ready"])("with the network %s", (network) => {
  let visit!: Visit;
  const current = () => visit;

  beforeAll(async () => {
    visit = await Visit.begin();
    if (network !== "on") await visit.goOffline();
  });
  afterAll(() => visit?.end());

  afterEach(() => {
    const { witness, site } = visit;
    expect(witness.complaints.splice(0), "warnings and errors").toEqual([]);
    expect(witness.uncalledFor(site.url), "requests").toEqual([]);
    const reached = site.asked.splice(0).filter(({ time }) => time >= witness.readyAt);
    expect(reached, "requests that reached the network").toEqual([]);
  });

  const state = (name: string) => {
    if (network !== "on") return; // they look the same
    test(`${name}: accessible in both schemes`, async () => {
      expect(await examine(visit.page, name)).toEqual([]);
    });
  };
  state("begin");
  controlling(current);
  state("paused");
  goingOn(current);
  drawingMeanwhile(current);
  training(current);
  state("trained");
  drawing(current);
  state("draw");
  looking(current);
  state("look");
  takingAway(current);
  state("take-away");
  plane(current);
  state("plane");
  ownData(current);
  state("your-data");
  byKeyboard(current);
});
