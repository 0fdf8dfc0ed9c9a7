// Kernel machines on points of the plane.
import type { Device } from "./gpu.ts";

export class Plane {
  readonly #device: Device;

  constructor(device: Device) {
    this.#device = device;
  }
}
