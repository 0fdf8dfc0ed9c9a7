// What the trained model makes of the digits it has not seen.
import type { Digits } from "./digits.ts";
import type { Device } from "./gpu.ts";
import type { DigitsSession } from "./session.ts";

export class Look {
  readonly #device: Device;
  readonly #digits: Digits;
  readonly #session: DigitsSession;

  constructor(device: Device, digits: Digits, session: DigitsSession) {
    this.#device = device;
    this.#digits = digits;
    this.#session = session;
  }
}
