// One part of a training, in a process of its own: `EPOCHS:FROM:TO` trains until EPOCHS, from the checkpoint FROM if it is
// not empty, and writes the checkpoint TO. The argument "probe" is answered as the command line does.
import { readFile, writeFile } from "node:fs/promises";
import { seeAdapter } from "../../src/cli/see.ts";
import { layers, type Optimizer, optimizers, Sequential } from "../../src/index.ts";
import { classes, clouds, columns } from "./clouds.ts";

const { x, labels } = clouds(100);

/** A model for each optimizer, trained one after the other into one folder. */
const makers: Record<string, () => Optimizer> = {
  adam: () => optimizers.adam(),
  amsgrad: () => optimizers.adam({ amsgrad: true }),
  momentum: () => optimizers.sgd({ momentum: 0.9 }),
};

function fresh(): Sequential {
  const rest = [
    layers.dropout({ rate: 0.2 }),
    layers.randomFourierFeatures({ outputDim: 21, scale: 3, trainable: true }),
    layers.dense({ units: classes }),
  ];
  return new Sequential([layers.input({ shape: [columns] }), ...rest], { seed: 5 });
}

async function train(epochs: number, from: string, to: string): Promise<void> {
  for (const [name, optimizer] of Object.entries(makers)) {
    const model = from ? Sequential.load(await readFile(`${from}.${name}`)) : fresh();
    model.compile({ optimizer: optimizer(), loss: "hinge", metrics: ["acc"] });
    const { epochs: initialEpoch } = model.trained;
    await model.fit(x, labels, { epochs, initialEpoch, batchSize: 16, validationSplit: 0.2, verbose: 0 });
    await writeFile(`${to}.${name}`, await model.save({}, { optimizer: true }));
    model.dispose();
  }
}

const [task = ""] = process.argv.slice(2);
if (task === "probe") console.log(JSON.stringify(await seeAdapter(false)));
else {
  const [epochs = "", from = "", to = ""] = task.split(":");
  await train(Number(epochs), from, to);
}
