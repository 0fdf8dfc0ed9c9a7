// What classifiers share: labels of any kind, decision values, accuracy.
import { type Matrix, type MatrixLike, toMatrix } from "../../data/matrix.ts";
import { checkOptions, DataError, FormatError, show } from "../../errors.ts";
import type { ModelMetadata } from "../metadata.ts";
import { sampleWeights } from "../options.ts";
import { type ClassWeight, type PlainClassWeight, plainClassWeight, rowWeights } from "./class_weight.ts";
import { Estimator } from "./estimator.ts";
import { classesOf, type Label, type Labels, labelIndices } from "./labels.ts";
import type { Objective } from "./machine.ts";
import {
  type EstimatorOptions,
  type EstimatorSettings,
  type FitEstimatorOptions,
  fitEstimatorOptions,
} from "./options.ts";

/** What all classifiers take. */
export interface ClassifierOptions extends EstimatorOptions {
  /** Inverse strength of regularization, as in scikit-learn: 1/2 |v|^2 + C sum(loss). Default 1, for logistic regression 10. */
  C?: number;
  /** See ClassWeight. Default: every row counts alike. */
  classWeight?: ClassWeight;
}

/** Of one call of `partialFit`. */
export interface PartialFitOptions extends FitEstimatorOptions {
  /** All labels that will ever come; needed by the first call. */
  classes?: Labels;
}

/** One number for each class and row, as `decisionFunction` and `predictProba` give them. */
export interface ClassScores {
  /** Row after row. */
  readonly data: Float32Array;
  /** Rows and classes, these in the order of `classes`. */
  readonly shape: readonly [rows: number, classes: number];
}

/** What QuasiSVC and QuasiLogisticRegression have in common. */
export abstract class Classifier extends Estimator {
  #classes: readonly Label[] = [];
  readonly #classWeight: PlainClassWeight | undefined;

  protected constructor(
    kind: string,
    settings: EstimatorSettings,
    { classWeight, ...options }: Readonly<Record<string, unknown>> & Pick<ClassifierOptions, "classWeight">,
  ) {
    const plain = plainClassWeight(classWeight, `new ${kind}`);
    super(kind, settings, { ...options, ...(plain && { classWeight: plain }) });
    this.#classWeight = plain;
  }

  /** What a model of K classes is trained towards, on `rows` rows. */
  protected abstract objective(rows: number, classes: number): Objective;

  /** The labels in order, numbers by value and strings by code unit, as the columns of `decisionFunction`; [] before fit. */
  get classes(): readonly Label[] {
    return this.#classes;
  }

  override dispose(): void {
    super.dispose();
    this.#classes = [];
  }

  /**
   * Trains anew on rows X [n, d] and one label a row.
   * @throws DataError for bad rows or labels, ConfigError for bad options, DivergenceError, DeviceError.
   */
  async fit(X: MatrixLike, y: Labels, options: FitEstimatorOptions = {}): Promise<this> {
    checkOptions(options, fitEstimatorOptions, `${this.kind}.fit`);
    await this.fitClasses("fit", toMatrix(X, "X"), y, classesOf(y, "y"), options);
    return this;
  }

  /**
   * Trains by one pass over these rows. The first call without a fit before measures scaling and gamma on its rows, takes
   * C as for that many rows, and needs `classes`.
   * @throws as `fit`.
   */
  async partialFit(X: MatrixLike, y: Labels, options: PartialFitOptions = {}): Promise<this> {
    checkOptions(options, ["classes", ...fitEstimatorOptions], `${this.kind}.partialFit`);
    const { classes: given, ...rest } = options;
    if (!this.isFitted && !given) {
      throw new DataError(`${this.kind}.partialFit: the first call needs { classes }, all labels that will ever come.`);
    }
    const classes = given ? classesOf(given, "classes") : this.#classes;
    if (this.isFitted && (classes.length !== this.#classes.length || classes.some((c, i) => c !== this.#classes[i]))) {
      throw new DataError(
        `${this.kind}.partialFit: classes ${classes.map(show).join(", ")} differ from those before, ` +
          `${this.#classes.map(show).join(", ")}; call fit to begin anew.`,
      );
    }
    await this.fitClasses("fitPart", toMatrix(X, "X"), y, classes, rest);
    return this;
  }

  /**
   * The model's outputs for rows X [n, d]: [n, classes], also where there are two. The largest is the class predicted.
   * @throws ConfigError before fit, DataError for bad rows or another number of columns, DeviceError.
   */
  async decisionFunction(X: MatrixLike): Promise<ClassScores> {
    return this.machine("decisionFunction").outputs(X);
  }

  /** The label of each row of X [n, d]. @throws as `decisionFunction`. */
  async predict(X: MatrixLike): Promise<Label[]> {
    const { data, shape } = await this.machine("predict").outputs(X);
    return Array.from({ length: shape[0] }, (_, row) => {
      const begin = row * shape[1];
      let best = 0;
      for (let k = 1; k < shape[1]; k++) if ((data[begin + k] as number) > (data[begin + best] as number)) best = k;
      return this.#classes[best] as Label;
    });
  }

  /**
   * The share of rows of X [n, d] whose label is predicted.
   * @throws as `decisionFunction`; DataError for a wrong number of labels.
   */
  async score(X: MatrixLike, y: Labels): Promise<number> {
    const x = toMatrix(X, "X");
    checkLength(y, x);
    const predicted = await this.predict(x);
    return predicted.filter((label, row) => label === y[row]).length / predicted.length;
  }

  protected async fitClasses(
    way: "fit" | "fitPart",
    x: Matrix,
    y: Labels,
    classes: readonly Label[],
    options: FitEstimatorOptions,
  ): Promise<void> {
    const rows = x.shape[0];
    const indices = labelIndices(y, classes, rows, "y");
    const given = options.sampleWeight && sampleWeights(options.sampleWeight, rows);
    const weights = rowWeights(indices, classes, this.#classWeight, given, this.kind);
    const { sampleWeight: _, ...rest } = options;
    const weighted = { ...rest, ...(weights && { sampleWeight: weights }) };
    await this.train(way, x, indices, this.objective(rows, classes.length), weighted, () => this.begin(classes));
  }

  /** What is known once training has begun. */
  protected begin(classes: readonly Label[]): void {
    this.#classes = classes;
  }

  protected override learned(): Record<string, unknown> {
    return { classes: this.#classes };
  }

  protected override metadata(): ModelMetadata {
    return { classNames: this.#classes.map(String) };
  }

  /** @throws FormatError unless the classes are such as `learned` gives. */
  protected restoreClasses(classes: unknown, outputs: number): void {
    if (!Array.isArray(classes) || classes.length !== outputs) {
      throw new FormatError(`${this.kind}.load: expected ${outputs} classes, found ${show(classes)}.`);
    }
    this.#classes = classesOf(classes, `${this.kind}.load: classes`);
  }
}

function checkLength(y: ArrayLike<unknown>, x: Matrix): void {
  if (y.length !== x.shape[0]) {
    throw new DataError(`y: expected one label for each of the ${x.shape[0]} rows of X, got ${y.length}.`);
  }
}
