// Training on what the user brings: tables and pictures.
import type { Device } from "./gpu.ts";
import { describeColumns } from "./table/columns.ts";
import { fitLearner, type Learner, loadLearner, makeLearner, predictWith } from "./table/learner.ts";
import type {
  Choices,
  OpenedInfo,
  PicturesInfo,
  PredictedInfo,
  TableInfo,
  TableProgress,
  TrainedInfo,
} from "./table/messages.ts";
import { type Source, sourceOf, withSource } from "./table/model_file.ts";
import penguins from "./table/penguins.csv?raw";
import { type PictureFile, type PictureForm, type Pictures, pixelsOf, readPictures } from "./table/pictures.ts";
import { predictPictures, predictSheet } from "./table/predict.ts";
import { type Listing, toCsv, withPredictions } from "./table/predictions.ts";
import { listingOf, type Problem, picturesProblem, tableProblem } from "./table/problem.ts";
import { progressOf } from "./table/progress.ts";
import { scoreOf } from "./table/score.ts";
import { hasHeader, type NamedSheet, named, parseSheet, readSheet, type Sheet } from "./table/sheet.ts";
import type { Column } from "./table/suggest.ts";

/** What was opened last. */
type Data =
  | { readonly kind: "table"; readonly sheet: Sheet; readonly named: NamedSheet; readonly columns: readonly Column[] }
  | {
      readonly kind: "pictures";
      readonly name: string;
      /** Those that are no pictures, too. */
      readonly files: readonly PictureFile[];
      readonly pictures: Pictures;
    };

interface Model {
  readonly learner: Learner;
  readonly source: Source;
  /** The test rows with their predictions; none of a model from a file. */
  readonly tested?: () => Listing;
}

/** Rows of a table, and files of pictures, that are shown before training. */
const [previewRows, samplesOfClass] = [8, 5];

export class Table {
  readonly #device: Device;
  readonly #arrived: PictureFile[] = [];
  #data: Data | undefined;
  #model: Model | undefined;
  #running: AbortController | undefined;

  constructor(device: Device) {
    this.#device = device;
  }

  /** Opens the penguins of Palmer Archipelago (Gorman, Williams and Fraser, 2014). */
  openExample(): TableInfo {
    return this.#openSheet(parseSheet(penguins, "penguins.csv"));
  }

  /** Opens a file of separated values. @throws Error as `readSheet`; what was open stays open then. */
  async openFile(file: File): Promise<TableInfo> {
    return this.#openSheet(await readSheet(file));
  }

  /** Takes the table's first line for the columns' names, or for a row. */
  setHeader(header: boolean): TableInfo {
    if (this.#data?.kind !== "table") throw new Error("No table is open.");
    return this.#openSheet(this.#data.sheet, header);
  }

  #openSheet(sheet: Sheet, header = hasHeader(sheet)): TableInfo {
    const table = named(sheet, header);
    const columns = describeColumns(table);
    this.#data = { kind: "table", sheet, named: table, columns };
    const rows = table.lines.length;
    const preview = listingOf(table, [...Array(Math.min(rows, previewRows)).keys()]).rows;
    return { kind: "table", name: sheet.name, rows, columns, header, preview };
  }

  /** Takes files to open as pictures, some at a time: each costs the page a moment when it hands them over. */
  addPictures(files: readonly PictureFile[]): void {
    this.#arrived.push(...files);
  }

  /**
   * Opens the pictures that have arrived, each of the class that its folder names.
   * @param onProgress files so far.
   * @throws Error where none could be read; what was open stays open then.
   */
  openPictures(name: string, form: PictureForm, onProgress: (done: number) => void): Promise<PicturesInfo> {
    return this.#readPictures(name, this.#arrived.splice(0), form, onProgress);
  }

  /** Reads the pictures that are open again, into another form. */
  changeForm(form: PictureForm, onProgress: (done: number) => void): Promise<PicturesInfo> {
    if (this.#data?.kind !== "pictures") throw new Error("No pictures are open.");
    return this.#readPictures(this.#data.name, this.#data.files, form, onProgress);
  }

  async #readPictures(
    name: string,
    files: readonly PictureFile[],
    form: PictureForm,
    onProgress: (done: number) => void,
  ): Promise<PicturesInfo> {
    const pictures = await readPictures(files, form, onProgress);
    if (pictures.files.length === 0) throw new Error(`${name}: none of ${files.length} files is a picture.`);
    this.#data = { kind: "pictures", name, files, pictures };
    return picturesInfo(name, pictures);
  }

  /**
   * Trains a model, which takes the place of the one before, and tests it on rows it has not seen.
   * @throws Error for data that can't be learned, QuasiSvmError; the model before stays then.
   */
  async train(choices: Choices, onProgress: (progress: TableProgress) => void): Promise<TrainedInfo> {
    const problem = this.#problem(choices);
    const { train, test, source } = problem;
    const learner = makeLearner(choices, await this.#device.gpu());
    this.#running = new AbortController();
    try {
      const begun = performance.now();
      const { signal } = this.#running;
      await fitLearner(learner, train.x, train.y, { signal, callbacks: [progressOf(onProgress)] });
      const seconds = (performance.now() - begun) / 1000;
      const predictions = await predictWith(learner, test.x);
      const pictures = this.#data?.kind === "pictures" ? this.#data.pictures : undefined;
      const score = await scoreOf(learner, test, predictions, pictures);
      const tested = () => withPredictions(problem.listing, predictions, [...test.rows.keys()]);
      this.#replace({ learner, source, tested });
      return {
        name: problem.name,
        label: problem.label,
        rows: { train: train.rows.length, test: test.rows.length, leftOut: problem.leftOut },
        width: train.x.shape[1],
        gamma: learner.gamma,
        seconds,
        epochs: learner.history?.epoch.length ?? 0,
        stopped: learner.history?.aborted ?? false,
        score,
      };
    } catch (error) {
      learner.dispose();
      throw error;
    } finally {
      this.#running = undefined;
    }
  }

  #problem(choices: Choices): Problem {
    if (!this.#data) throw new Error("Open a file first.");
    if (this.#data.kind === "pictures") return picturesProblem(this.#data.pictures, this.#data.name, choices);
    return tableProblem(this.#data.named, this.#data.columns, choices);
  }

  /** Ends the training that runs; its model stays as far as it came. */
  stop(): void {
    this.#running?.abort();
  }

  /** The test rows with what the model says of them, as CSV. */
  testPredictions(): Blob {
    const { tested } = this.#modelOf();
    if (!tested) throw new Error("A model from a file has no test rows.");
    return toCsv(tested());
  }

  /** The model's file. */
  async save(): Promise<Blob> {
    const { learner, source } = this.#modelOf();
    return new Blob([withSource(await learner.save(), source)], { type: "application/octet-stream" });
  }

  /** Opens a model's file in place of the model there is. @throws Error, FormatError for another file. */
  async openModel(file: File): Promise<OpenedInfo> {
    const bytes = new Uint8Array(await file.arrayBuffer());
    const { estimator, source } = sourceOf(bytes, file.name);
    const learner = loadLearner(estimator, bytes, await this.#device.gpu());
    this.#replace({ learner, source });
    return {
      name: file.name,
      estimator,
      label: source.kind === "table" ? source.label : "class",
      classes: "classes" in learner ? learner.classes.map(String) : [],
      inputs: source.kind === "table" ? source.encoding.inputs.map((input) => input.name) : [],
    };
  }

  /** Predicts the rows of another file. @throws Error that names what columns or cells are not as in training. */
  async predictFile(file: File): Promise<PredictedInfo> {
    const { learner, source } = this.#modelOf();
    if (source.kind === "pictures") throw new Error("This model takes pictures; choose picture files.");
    return predictSheet(learner, source, await readSheet(file));
  }

  /** Predicts pictures. @throws Error where none could be read. */
  async predictPictures(files: readonly PictureFile[]): Promise<PredictedInfo> {
    const { learner, source } = this.#modelOf();
    if (source.kind === "table") throw new Error("This model takes rows of a table; choose a CSV file.");
    return predictPictures(learner, source.form, files);
  }

  /** Forgets the model and frees what it has on the GPU. */
  discard(): void {
    this.#replace(undefined);
  }

  #replace(model: Model | undefined): void {
    this.#model?.learner.dispose();
    this.#model = model;
  }

  #modelOf(): Model {
    if (!this.#model) throw new Error("There is no model yet.");
    return this.#model;
  }
}

function picturesInfo(name: string, { form, pixels, files, unreadable }: Pictures): PicturesInfo {
  const byClass = new Map<string, number[]>();
  files.forEach(({ folder }, i) => {
    const own = byClass.get(folder);
    if (own) own.push(i);
    else byClass.set(folder, [i]);
  });
  const size = pixelsOf(form);
  const folders = [...byClass].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    kind: "pictures",
    name,
    form,
    unreadable,
    classes: folders.map(([folder, own]) => ({ name: folder, count: own.length })),
    samples: folders.flatMap(([label, own]) =>
      own.slice(0, samplesOfClass).map((i) => ({ label, pixels: pixels.slice(i * size, (i + 1) * size) })),
    ),
  };
}
