// The example in TensorFlow.js, as its user would write it: a layer of its own for the features, then `fit`.
import { getThreadsCount, setThreadsCount, setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import "@tensorflow/tfjs-backend-webgpu";
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";

export const tfjsBackends = ["webgpu", "wasm"] as const;
// Taken from the repository that the page is served from; threads would be half of the cores by default.
setWasmPaths("/node_modules/@tensorflow/tfjs-backend-wasm/dist/");
setThreadsCount(navigator.hardwareConcurrency);
export const threadsOfWasm = getThreadsCount;

export type TfjsBackend = (typeof tfjsBackends)[number];

/** What the models of all contenders begin with; matrices lie row by row. */
export interface SharedWeights {
  readonly inputs: number;
  readonly features: number;
  readonly classes: number;
  readonly scale: number;
  /** [inputs, features] */
  readonly projection: Float32Array;
  /** [features] */
  readonly phases: Float32Array;
  /** [features, classes] */
  readonly kernel: Float32Array;
}

class RandomFourierFeatures extends tfl.layers.Layer {
  static readonly className = "RandomFourierFeatures";
  readonly #weights: SharedWeights;
  #projection!: tfl.LayerVariable;
  #phases!: tfl.LayerVariable;

  constructor(weights: SharedWeights) {
    super({ trainable: false });
    this.#weights = weights;
  }

  override build(): void {
    const { inputs, features } = this.#weights;
    const zeros = tfl.initializers.zeros();
    this.#projection = this.addWeight("projection", [inputs, features], "float32", zeros, undefined, false);
    this.#phases = this.addWeight("phases", [features], "float32", zeros, undefined, false);
    this.built = true;
  }

  override computeOutputShape(): tfl.Shape {
    return [null, this.#weights.features];
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      const x = (Array.isArray(inputs) ? inputs[0] : inputs) as tf.Tensor2D;
      const products = tf.matMul(x, this.#projection.read() as tf.Tensor2D);
      return tf.cos(tf.add(tf.div(products, this.#weights.scale), this.#phases.read()));
    });
  }
}

/** Mean over rows and classes of max(0, 1 - y p), y from {0, 1} made {-1, 1}. */
function hinge(target: tf.Tensor, output: tf.Tensor): tf.Scalar {
  return tf.tidy(() => tf.mean(tf.relu(tf.sub(1, tf.mul(tf.sub(tf.mul(target, 2), 1), output)))));
}

/** Makes a backend the one in use. Threads need a page that is cross-origin isolated. */
export async function useBackend(backend: TfjsBackend): Promise<void> {
  if (tf.getBackend() === backend) return;
  if (!(await tf.setBackend(backend))) throw new Error(`TensorFlow.js can't use its ${backend} backend here`);
}

/** A model on the backend in use: the whole example, or the linear model on features that are given. */
export class TfjsModel {
  readonly #model: tfl.Sequential;
  readonly #x: tf.Tensor2D;
  readonly #y: tf.Tensor2D;
  readonly #batchSize: number;

  /** @param x [rows, inputs] of the model. @param labels [rows] */
  constructor(
    weights: SharedWeights,
    given: "rows" | "features",
    x: Float32Array,
    labels: Uint8Array,
    batchSize: number,
  ) {
    const { inputs, features, classes } = weights;
    const width = given === "rows" ? inputs : features;
    const dense = tfl.layers.dense({ units: classes, inputShape: [features] });
    this.#model = tfl.sequential({
      layers:
        given === "rows"
          ? [tfl.layers.inputLayer({ inputShape: [inputs] }), new RandomFourierFeatures(weights), dense]
          : [dense],
    });
    const trained = [tf.tensor2d(weights.kernel, [features, classes]), tf.zeros([classes])];
    const frozen = [tf.tensor2d(weights.projection, [inputs, features]), tf.tensor1d(weights.phases)];
    this.#model.setWeights(given === "rows" ? [...trained, ...frozen] : trained);
    tf.dispose([...trained, ...frozen]);
    this.#model.compile({ optimizer: tf.train.adam(1e-3, 0.9, 0.999, 1e-7), loss: hinge });
    this.#x = tf.tensor2d(x, [labels.length, width]);
    this.#y = tf.tidy(() => tf.cast(tf.oneHot(tf.tensor1d(labels, "int32"), classes), "float32") as tf.Tensor2D);
    this.#batchSize = batchSize;
  }

  /** Trains an epoch over the first `steps` batches and gives its mean loss. */
  async train(steps: number): Promise<number> {
    const rows = Math.min(steps * this.#batchSize, this.#y.shape[0]);
    const [x, y] = tf.tidy(() => [tf.slice(this.#x, 0, rows), tf.slice(this.#y, 0, rows)] as const);
    const settings = {
      batchSize: this.#batchSize,
      epochs: 1,
      shuffle: false,
      verbose: 0,
      yieldEvery: "never",
    } as const;
    const { history } = await this.#model.fit(x, y, settings);
    tf.dispose([x, y]);
    return (history.loss as number[])[0] as number;
  }

  dispose(): void {
    this.#model.dispose();
    tf.dispose([this.#x, this.#y]);
  }
}
