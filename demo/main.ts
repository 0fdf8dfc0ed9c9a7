// The example of the README as a page: MNIST, trained in this tab.
import {
  type Logs,
  layers,
  type Matrix,
  optimizers,
  parseIdxImages,
  parseIdxLabels,
  QuasiSvmError,
  Sequential,
} from "../src/index.ts";

const element = <T extends HTMLElement>(id: string) => document.getElementById(id) as T;
const settings = element<HTMLFormElement>("settings");
const trainButton = element<HTMLButtonElement>("train");
const stopButton = element<HTMLButtonElement>("stop");
const progress = element<HTMLProgressElement>("progress");
const epochs = element<HTMLTableSectionElement>("epochs");

let running: AbortController | undefined;
stopButton.addEventListener("click", () => running?.abort());
settings.addEventListener("submit", async (event) => {
  event.preventDefault();
  running = new AbortController();
  trainButton.disabled = true;
  stopButton.disabled = false;
  epochs.replaceChildren();
  try {
    await train(new FormData(settings), running.signal);
  } catch (error) {
    say(error instanceof QuasiSvmError ? error.message : `Something went wrong: ${error}`);
  } finally {
    trainButton.disabled = false;
    stopButton.disabled = true;
  }
});

async function train(form: FormData, signal: AbortSignal): Promise<void> {
  const number = (name: string) => Number(form.get(name));
  say("Reading MNIST.");
  const [x, y] = await load("train");
  const [testX, testY] = await load("t10k");
  const model = new Sequential([
    layers.input({ shape: [784] }),
    layers.randomFourierFeatures({ outputDim: number("outputDim"), scale: number("scale") }),
    layers.dense({ units: 10 }),
  ]);
  try {
    model.compile({ optimizer: optimizers.adam({ learningRate: 1e-3 }), loss: "hinge", metrics: ["acc"] });
    const { adapter } = await model.gpu();
    const where = `${adapter.name}${adapter.isSoftware ? " (a software adapter)" : ""}`;
    say(`Computing the features on ${where}.`);
    const batchSize = 128;
    const steps = Math.ceil((x.shape[0] * 0.8) / batchSize);
    const history = await model.fit(x, y, {
      epochs: number("epochs"),
      batchSize,
      validationSplit: 0.2,
      verbose: 0,
      signal,
      callbacks: [
        {
          onFeatures: (rows, total) => {
            progress.value = rows / total;
          },
          onTrainBegin: () => say(`Training on ${where}.`),
          onBatchEnd: (batch) => {
            progress.value = (batch + 1) / steps;
          },
          onEpochEnd: addRow,
        },
      ],
    });
    if (history.aborted) return say("Stopped.");
    const { acc = Number.NaN } = await model.evaluate(testX, testY, { batchSize });
    const { features, train } = history.seconds;
    say(
      `Test accuracy ${acc.toFixed(4)}. Features ${features.toFixed(1)} s, training ${train.toFixed(1)} s on ${where}.`,
    );
  } finally {
    model.dispose();
  }
}

async function load(part: "train" | "t10k"): Promise<[Matrix, Uint8Array]> {
  const read = async (name: string) => {
    const response = await fetch(`./${name}`);
    if (!response.ok) throw new Error(`${name}: the server answered ${response.status}.`);
    return new Uint8Array(await response.arrayBuffer());
  };
  const images = parseIdxImages(await read(`${part}-images-idx3-ubyte`), `${part} images`);
  return [images, parseIdxLabels(await read(`${part}-labels-idx1-ubyte`), `${part} labels`)];
}

function addRow(epoch: number, logs: Logs): void {
  const row = epochs.insertRow();
  row.insertCell().textContent = String(epoch + 1);
  for (const name of ["loss", "acc", "val_loss", "val_acc"])
    row.insertCell().textContent = logs[name]?.toFixed(4) ?? "";
}

function say(text: string): void {
  element("status").textContent = text;
}
