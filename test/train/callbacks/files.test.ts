// Against Keras' ModelCheckpoint and CSVLogger, and Python's format strings.
import { describe, expect, it } from "vitest";
import { ConfigError } from "../../../src/errors.ts";
import { csvLogger } from "../../../src/train/callbacks/csv_logger.ts";
import { filePath } from "../../../src/train/callbacks/file_path.ts";
import { type ModelCheckpointOptions, modelCheckpoint } from "../../../src/train/callbacks/model_checkpoint.ts";
import { play, values } from "./scripted.ts";

/** What is saved: paths with the epoch whose weights they hold. */
async function saved(
  options: Omit<ModelCheckpointOptions, "save" | "filepath"> & { filepath?: string },
  script: Parameters<typeof play>[1],
  more?: Parameters<typeof play>[2],
) {
  const files: [path: string, weights: number | undefined, optimizer: number | undefined][] = [];
  const save = (path: string, [weights, optimizer]: Uint8Array) => void files.push([path, weights, optimizer]);
  const played = await play(modelCheckpoint({ filepath: "{epoch:02d}", ...options, save }), script, more);
  return { files, ...played };
}

describe("filePath", () => {
  // Each from Python: "...".format(epoch=7, val_loss=.05678, acc=12.5)
  it.each([
    ["model", "model"],
    ["{epoch}", "7"],
    ["{epoch:02d}-{val_loss:.4f}.safetensors", "07-0.0568.safetensors"],
    ["{epoch:4d}|{acc:8.2f}|{acc:08.2f}", "   7|   12.50|00012.50"],
    ["{val_loss:.2e}", "5.68e-02"],
    ["{acc:f}", "12.500000"],
    ["{{{epoch}}}", "{7}"],
  ])("%s is %s", (format, path) => {
    expect(filePath(format)({ epoch: 7, val_loss: 0.05678, acc: 12.5 })).toBe(path);
  });

  it("counts the sign in the width", () => {
    expect(filePath("{loss:06.2f}")({ loss: -1.5 })).toBe("-01.50");
  });

  it.each(["{epoch", "epoch}", "{epoch:x}", "{epoch:.2d}", "{}", "{a b}"])("refuses %s", (format) => {
    expect(() => filePath(format)).toThrow(ConfigError);
  });

  it("refuses a name that is not there", () => {
    expect(() => filePath("{val_acc}")({ epoch: 1, loss: 2 })).toThrow(
      /"\{val_acc\}" names val_acc, but there are epoch, loss/,
    );
  });
});

describe("modelCheckpoint", () => {
  it("saves after every epoch, counted from 1, with the optimizer", async () => {
    const { files } = await saved({ filepath: "m.{epoch:02d}-{loss:.1f}" }, values("loss", 3, 1, 2));
    expect(files).toEqual([
      ["m.01-3.0", 0, 1],
      ["m.02-1.0", 1, 1],
      ["m.03-2.0", 2, 1],
    ]);
  });

  it("saves only what is best, where asked to", async () => {
    const { files } = await saved(
      { saveBestOnly: true, optimizer: false },
      values("val_loss", 3, Number.NaN, 4, 2, 2, 1),
    );
    expect(files).toEqual([
      ["01", 0, 0],
      ["04", 3, 0],
      ["06", 5, 0],
    ]);
  });

  it.each([
    ["val_accuracy", true],
    ["acc_of_some", true],
    ["fmeasure_1", true],
    ["val_auc", false],
    ["val_loss", false],
  ])("auto: of %s more is better: %s", async (monitor, more) => {
    const { files } = await saved({ saveBestOnly: true, monitor }, values(monitor, 1, 2, 3));
    expect(files).toHaveLength(more ? 3 : 1);
    const turned = await saved({ saveBestOnly: true, monitor, mode: more ? "min" : "max" }, values(monitor, 1, 2, 3));
    expect(turned.files).toHaveLength(more ? 1 : 3);
  });

  it("remembers between trainings what was best, and begins at a threshold", async () => {
    const paths: string[] = [];
    const callbacks = modelCheckpoint({
      filepath: "{val_loss}",
      saveBestOnly: true,
      initialValueThreshold: 3,
      save: (path) => void paths.push(path),
    });
    await play(callbacks, values("val_loss", 4, 2));
    await play(callbacks, values("val_loss", 3, 1));
    expect(paths).toEqual(["2", "1"]);
  });

  it("warns where what it watches is not there, and saves nothing", async () => {
    const { files, warnings } = await saved({ saveBestOnly: true }, [{ loss: 1 }]);
    expect(files).toEqual([]);
    expect(warnings[0]).toMatch(/saved only with val_loss/);
  });

  it("saves every so many minibatches, counted across epochs", async () => {
    const script = values("loss", 1, 1);
    const { files } = await saved({ saveFreq: 3, filepath: "{epoch}.{batch}" }, script, { batches: 5 });
    expect(files.map(([path]) => path)).toEqual(["1.3", "2.1", "2.4"]);
    expect(modelCheckpoint({ filepath: "m", save: () => {} }).onBatchEnd).toBeUndefined();
  });

  it("refuses another frequency", () => {
    for (const saveFreq of [0, 1.5, "batch"]) {
      expect(() => modelCheckpoint({ filepath: "m", save: () => {}, saveFreq: saveFreq as never })).toThrow(
        /saveFreq must be "epoch" or a number of minibatches/,
      );
    }
  });
});

describe("csvLogger", () => {
  async function lines(script: Parameters<typeof play>[1], more = {}, options = {}): Promise<string[]> {
    const written: string[] = [];
    await play(csvLogger({ write: async (line) => void written.push(line), ...more }), script, options);
    return written;
  }

  it("writes epochs from 0 and values by sorted names", async () => {
    expect(await lines([{ loss: 0.5, acc: 1, val_loss: 0.25, lr: 1e-3 }])).toEqual([
      "epoch,acc,loss,lr,val_loss\r\n",
      "0,1,0.5,0.001,0.25\r\n",
    ]);
  });

  it("has columns for a validation that comes later", async () => {
    expect(await lines([{ loss: 3 }, { loss: 2, val_loss: 1 }], { separator: ";" }, { initialEpoch: 4 })).toEqual([
      "epoch;loss;val_loss\r\n",
      "4;3;NA\r\n",
      "5;2;1\r\n",
    ]);
  });

  it("goes on with a file without a heading", async () => {
    expect(await lines([{ loss: 3, val_loss: 1 }], { append: true })).toEqual(["0,3,1\r\n"]);
  });

  it("writes a heading for each training, and keeps its columns", async () => {
    const written: string[] = [];
    const callbacks = csvLogger({ write: (line) => void written.push(line) });
    await play(callbacks, [{ loss: 1, val_loss: 2 }]);
    await play(callbacks, [{ val_loss: 3, acc: 1 }]);
    expect(written.slice(2)).toEqual(["epoch,loss,val_loss\r\n", "0,NA,3\r\n"]);
  });

  it("quotes a name that holds the separator", async () => {
    expect((await lines([{ "a,b": 1, val_x: 2 }]))[0]).toBe('epoch,"a,b",val_x\r\n');
  });
});
