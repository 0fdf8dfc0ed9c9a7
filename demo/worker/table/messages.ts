// What the page and the worker tell each other about the user's data.
import type { ClassificationReport } from "../../../src/index.ts";
import type { Empties } from "./encoding.ts";
import type { LearnerOptions } from "./methods.ts";
import type { PictureForm } from "./pictures.ts";
import type { Column, Task } from "./suggest.ts";

/** A table that was opened. */
export interface TableInfo {
  readonly kind: "table";
  readonly name: string;
  readonly rows: number;
  readonly columns: readonly Column[];
  /** Whether the first line is taken for the columns' names. */
  readonly header: boolean;
  /** The first rows. */
  readonly preview: readonly (readonly string[])[];
}

/** Folders of pictures that were opened. */
export interface PicturesInfo {
  readonly kind: "pictures";
  readonly name: string;
  readonly form: PictureForm;
  /** By name. */
  readonly classes: readonly { readonly name: string; readonly count: number }[];
  /** Names of files that are no pictures. */
  readonly unreadable: readonly string[];
  /** The first pictures of each class, as bytes. */
  readonly samples: readonly { readonly label: string; readonly pixels: Uint8Array }[];
}

export type DataInfo = TableInfo | PicturesInfo;

/** What is made of the data. */
export interface Choices extends LearnerOptions {
  readonly task: Task;
  /** Of a table: indices of columns. */
  readonly label: number;
  readonly inputs: readonly number[];
  readonly empties: Empties;
  /** The share of the rows that test. */
  readonly testShare: number;
}

/** How far a training is. */
export interface Epochs {
  /** Epochs that are done, of `epochs`. */
  readonly epoch: number;
  readonly epochs: number;
  /** Of the last minibatches. */
  readonly loss: number;
  readonly secondsLeft: number;
}

/** What is going on: the epochs, then the test of what was learned. */
export type TableProgress = Epochs | "testing";

/** A picture that was taken for another class. */
export interface Mistake {
  readonly file: string;
  readonly pixels: Uint8Array;
  readonly label: string;
  readonly predicted: string;
}

/** What a training came to, on rows that it has not seen. */
export interface TrainedInfo {
  /** Of the file or folder. */
  readonly name: string;
  /** What is predicted. */
  readonly label: string;
  readonly rows: { readonly train: number; readonly test: number; readonly leftOut: number };
  /** Columns of numbers that the model takes. */
  readonly width: number;
  readonly gamma: number;
  readonly seconds: number;
  readonly epochs: number;
  readonly stopped: boolean;
  readonly score: ClassScore | NumberScore;
}

export interface ClassScore {
  readonly task: "classification";
  readonly classNames: readonly string[];
  readonly report: ClassificationReport;
  /** The share of the commonest class among the test rows. */
  readonly majority: number;
  readonly form?: PictureForm;
  readonly mistakes: readonly Mistake[];
}

export interface NumberScore {
  readonly task: "regression";
  readonly r2: number;
  /** The mean of what predictions are off by. */
  readonly meanError: number;
  /** Of some of the test rows. */
  readonly truth: Float32Array;
  readonly predicted: Float32Array;
}

/** A model that was opened. */
export interface OpenedInfo {
  readonly name: string;
  readonly estimator: string;
  /** What it predicts. */
  readonly label: string;
  readonly classes: readonly string[];
  /** The columns it takes; none for pictures. */
  readonly inputs: readonly string[];
}

/** Predictions for rows of another file. */
export interface PredictedInfo {
  readonly kind: "table" | "pictures";
  readonly name: string;
  readonly rows: number;
  /** Rows without a prediction, since they have empty cells; files that are no pictures. */
  readonly leftOut: number;
  /** Cells with a text that the model has not seen. */
  readonly unknown: number;
  /** Where the file says what is true: the share predicted right, or R2. */
  readonly score?: { readonly name: "accuracy" | "R2"; readonly value: number };
  readonly header: readonly string[];
  /** The first rows with their predictions. */
  readonly preview: readonly (readonly string[])[];
  /** All of them. */
  readonly csv: Blob;
}
