// What can be trained.
import type { Gamma, KernelName } from "../../../src/index.ts";
import type { Task } from "./suggest.ts";

/** The estimators by what the page calls them. */
export type Method = "svc" | "logistic" | "ridge" | "svr";

/** What an estimator is told; see the library's options of the same names. */
export interface LearnerOptions {
  readonly method: Method;
  /** D */
  readonly nComponents: number;
  readonly kernel: KernelName;
  readonly gamma: Gamma;
  /** Of all but the ridge. */
  readonly C: number;
  /** Of the ridge. */
  readonly alpha: number;
  /** Of support vector regression. */
  readonly epsilon: number;
  readonly epochs: number | "auto";
  readonly seed: number;
}

/** What there is for each task, the default first. */
export const methodsOf: Readonly<Record<Task, readonly Method[]>> = {
  classification: ["svc", "logistic"],
  regression: ["ridge", "svr"],
};
