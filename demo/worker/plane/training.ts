// One training on points of the plane, from a new model to the last picture.
import { transfer } from "comlink";
import type { Callbacks, Gpu, Sequential, Training } from "../../../src/index.ts";
import { batchSizeFor, epochs, margins, type PlaneSettings, planeModel, targetsOf } from "./machine.ts";
import { leadOf, type Picture, pictureOf, pixelCentres } from "./picture.ts";
import type { PictureRate } from "./picture_rate.ts";

export interface PlaneProblem {
  readonly settings: PlaneSettings;
  /** [n, 2] in [-1, 1]. */
  readonly points: Float32Array;
  /** [n] classes by their number, at least two of them. */
  readonly labels: Uint8Array;
}

/** What a training has come to. */
export interface PlaneState {
  readonly picture: Picture;
  /** Epochs done, of all. */
  readonly epoch: number;
  readonly epochs: number;
  /** Of the last epoch, with the regularization. */
  readonly loss: number;
  /** Wall time of an epoch without that of pictures, in milliseconds, lately. */
  readonly msPerEpoch: number;
  /** Points that are not on their own class's side of the margin. */
  readonly withinMargin: number;
  /** The points that it is trained on. */
  readonly rows: number;
}

export type OnState = (state: PlaneState) => unknown;

interface Surroundings {
  readonly pace: PictureRate;
  /** False once another training shall take this one's place. */
  isWanted(): boolean;
  /** Waited for. */
  readonly onState: OnState;
}

type Predict = Training["predict"];

/** Pixels of a picture that are computed before it is asked whether it is still wanted. */
const pixelsAtATime = 8192;

export class PlaneTraining {
  readonly #around: Surroundings;
  readonly #model: Sequential;
  readonly #loss: PlaneSettings["loss"];
  readonly #points: { readonly data: Float32Array; readonly shape: [rows: number, columns: 2] };
  /** The classes that there are points of; the model's outputs in this order. */
  readonly #classes: readonly number[];
  /** [n] each point's place in `#classes`. */
  readonly #labels: Uint8Array;
  /** When the epochs that are timed began, and which is the first. */
  #lap = { since: 0, epoch: 0 };
  #done = { epoch: 0, loss: 0, msPerEpoch: 0 };

  constructor({ settings, points, labels }: PlaneProblem, gpu: Gpu, around: Surroundings) {
    this.#around = around;
    this.#loss = settings.loss;
    this.#points = { data: points, shape: [labels.length, 2] };
    this.#classes = [...new Set(labels)].sort();
    this.#labels = labels.map((label) => this.#classes.indexOf(label));
    this.#model = planeModel(settings, labels.length, this.#classes.length, gpu);
  }

  /** Trains, shows pictures and frees the model. @param signal ends the training, not the last picture. */
  async run(signal: AbortSignal): Promise<void> {
    const { pace, isWanted } = this.#around;
    const rows = this.#labels.length;
    try {
      await this.#model.fit(this.#points, targetsOf(this.#loss, this.#labels, this.#classes.length), {
        ...{ epochs, batchSize: batchSizeFor(rows), verbose: 0, signal },
        callbacks: [this.#callbacks()],
      });
      if (this.#done.epoch > 0 && isWanted()) await this.#show(pace.size("last"), (x) => this.#model.predict(x));
    } finally {
      this.#model.dispose();
    }
  }

  #callbacks(): Callbacks {
    const { pace } = this.#around;
    let predict: Predict;
    return {
      onTrainBegin: (training) => {
        predict = (x) => training.predict(x);
        const now = performance.now();
        pace.begin(now);
        this.#lap = { since: now, epoch: 0 };
      },
      onEpochEnd: async (epoch, { loss = Number.NaN }) => {
        const now = performance.now();
        const done = epoch + 1;
        this.#done = { epoch: done, loss, msPerEpoch: (now - this.#lap.since) / (done - this.#lap.epoch) };
        if (!pace.isDue(now)) return;
        await this.#show(pace.size("running"), predict);
        this.#lap = { since: performance.now(), epoch: done };
      },
    };
  }

  /** Makes a picture and hands it on, unless it is no longer wanted. */
  async #show(size: number, predict: Predict): Promise<void> {
    const { pace, isWanted, onState } = this.#around;
    const begun = performance.now();
    const margin = margins[this.#loss];
    const scores = await this.#scores(size, predict);
    const own = scores && (await predict(this.#points)).data;
    if (!scores || !isWanted()) return;
    pace.made(size, begun, performance.now());
    const picture = pictureOf(scores, size, this.#classes, margin);
    const withinMargin = within(own!, this.#labels, this.#classes.length, margin);
    const moved = [picture.pixels.buffer, picture.boundary.buffer, picture.margin.buffer];
    await onState(transfer({ picture, ...this.#done, epochs, withinMargin, rows: this.#labels.length }, moved));
  }

  /** The model's outputs at the centres of a picture's pixels, or undefined where they are no longer wanted. */
  async #scores(size: number, predict: Predict): Promise<Float32Array | undefined> {
    const outputs = this.#classes.length;
    const scores = new Float32Array(size * size * outputs);
    const rowsAtATime = Math.floor(pixelsAtATime / size);
    for (let begin = 0; begin < size; begin += rowsAtATime) {
      if (!this.#around.isWanted()) return undefined;
      const data = pixelCentres(size, begin, Math.min(size, begin + rowsAtATime));
      scores.set((await predict({ data, shape: [data.length / 2, 2] })).data, begin * size * outputs);
    }
    return scores;
  }
}

/** How many rows of scores [rows, outputs] do not lead by the margin for their own class. */
function within(scores: Float32Array, labels: Uint8Array, outputs: number, margin: number): number {
  const leads = Array.from({ length: outputs }, (_, k) => leadOf(scores, k, outputs));
  return labels.reduce((count, label, row) => count + ((leads[label]![row] as number) < margin ? 1 : 0), 0);
}
