// Training on what the user brings: tables and images.
import type { Device } from "./gpu.ts";

export class Table {
  readonly #device: Device;

  constructor(device: Device) {
    this.#device = device;
  }
}
