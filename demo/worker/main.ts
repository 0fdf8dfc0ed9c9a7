// All that computes, beside the page, so that the page never waits for it.
import { expose } from "comlink";
import { Digits } from "./digits.ts";
import { Device } from "./gpu.ts";
import { Look } from "./look.ts";
import { Plane } from "./plane.ts";
import { DigitsSession } from "./session.ts";
import { Table } from "./table.ts";

const device = new Device();
const digits = new Digits();
const session = new DigitsSession(device, digits);
const parts = {
  device,
  digits,
  session,
  look: new Look(device, digits, session),
  plane: new Plane(device),
  table: new Table(device),
};

export type Api = typeof parts;

expose(parts);
