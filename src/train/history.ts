import type { KernelTime } from "../gpu/profile.ts";

/** What a fit leaves behind, epoch by epoch. */
export class History {
  /** By name: loss, then metrics, then the same of validation with "val_" before them. */
  readonly history: Record<string, number[]> = {};
  /** Numbers of the epochs, from 0. */
  readonly epoch: number[] = [];
  /** Wall time in seconds. */
  readonly seconds = {
    /** Computing the features, once for all epochs. */
    features: 0,
    /** Training with validation. */
    train: 0,
  };
  /** Optimizer steps of this fit. */
  steps = 0;
  /** True where an AbortSignal ended the fit before its last epoch was done. */
  aborted = false;
  /** Why a callback ended the fit before its last epoch. */
  stopReason?: string;
  /** What callbacks had to say, each thing once. */
  readonly warnings: string[] = [];
  /** GPU time by kernel, the longest first, where a profile was asked for and could be made. */
  profile?: readonly KernelTime[];
  /** Why a profile that was asked for is not there. */
  noProfile?: string;

  /** Adds an epoch, counted from 0, with its values. @internal */
  add(epoch: number, logs: Readonly<Record<string, number>>): void {
    this.epoch.push(epoch);
    for (const [name, value] of Object.entries(logs)) {
      this.history[name] ??= [];
      this.history[name].push(value);
    }
  }
}
