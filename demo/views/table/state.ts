// What is open, what is made of it, and what came of that.
import { type Signal, signal } from "@preact/signals";
import { proxy } from "comlink";
import { engine } from "../../engine.ts";
import { download } from "../../ui/download.ts";
import type {
  Choices,
  DataInfo,
  OpenedInfo,
  PredictedInfo,
  TableInfo,
  TableProgress,
  TrainedInfo,
} from "../../worker/table/messages.ts";
import { type Method, methodsOf } from "../../worker/table/methods.ts";
import type { PictureForm } from "../../worker/table/pictures.ts";
import { type Column, suggestInputs, suggestLabel, suggestTask, type Task } from "../../worker/table/suggest.ts";
import type { Chosen } from "./files.ts";

export type Activity = "reading" | "training" | "predicting";

export const data = signal<DataInfo | undefined>(undefined);
export const choices = signal<Choices>({
  task: "classification",
  label: 0,
  inputs: [],
  empties: "drop",
  testShare: 0.25,
  method: "svc",
  nComponents: 1024,
  kernel: "gaussian",
  gamma: "scale",
  C: 1,
  alpha: 1,
  epsilon: 0.1,
  epochs: "auto",
  seed: 0,
});
/** What the worker does for this view now. */
export const activity = signal<Activity | undefined>(undefined);
/** Pictures read so far. */
export const reading = signal(0);
export const progress = signal<TableProgress | undefined>(undefined);
export const model = signal<TrainedInfo | OpenedInfo | undefined>(undefined);
export const predicted = signal<PredictedInfo | undefined>(undefined);
/** What went wrong last, in the words of the error: with data, with a training, with a model. */
export const troubles = { data: signal(""), training: signal(""), model: signal("") };

/** Files that go to the worker at a time, so that the page is not held up. */
const handedOver = 50;

/** Does one thing at a time; errors become words, and leave all else as it was. */
async function during(what: Activity, trouble: Signal<string>, act: () => Promise<void>): Promise<void> {
  if (activity.value) return;
  activity.value = what;
  trouble.value = "";
  try {
    await act();
  } catch (error) {
    trouble.value = (error as Error).message;
  } finally {
    activity.value = undefined;
    reading.value = 0;
    progress.value = undefined;
  }
}

export function change(changed: Partial<Choices>): void {
  choices.value = { ...choices.value, ...changed };
}

/** What a task or a method asks for by default. */
export function changeTask(task: Task): void {
  changeMethod(methodsOf[task][0]!);
  change({ task });
}

export function changeMethod(method: Method): void {
  change({ method, C: method === "logistic" ? 10 : 1 });
}

/** Another column is predicted; inputs that were chosen stay, but for this one. */
export function changeLabel(columns: readonly Column[], label: number): void {
  const before = choices.value;
  const wasSuggested = suggestInputs(columns, before.label).join() === before.inputs.join();
  const inputs = wasSuggested ? suggestInputs(columns, label) : before.inputs.filter((c) => c !== label);
  change({ label, inputs });
  changeTask(suggestTask(columns[label]!));
}

function showTable(info: TableInfo): void {
  data.value = info;
  const label = suggestLabel(info.columns);
  change({ label, inputs: suggestInputs(info.columns, label) });
  changeTask(suggestTask(info.columns[label]!));
}

export function openExample(): Promise<void> {
  return during("reading", troubles.data, async () => showTable(await engine().table.openExample()));
}

export function setHeader(header: boolean): Promise<void> {
  return during("reading", troubles.data, async () => showTable(await engine().table.setHeader(header)));
}

/** Opens what was chosen or dropped: a folder or several files as pictures, one file as what it is. */
export function open(chosen: Chosen | Promise<Chosen>): Promise<void> {
  return during("reading", troubles.data, async () => {
    const { name, files } = await chosen;
    const [first] = files;
    if (!first) throw new Error("Nothing to open was found there.");
    const { file, folder } = first;
    if (files.length > 1 || folder || file.type.startsWith("image/")) await openPictures({ name, files });
    else if (file.name.endsWith(".safetensors")) await readModel(file);
    else showTable(await engine().table.openFile(file));
  });
}

async function openPictures({ name, files }: Chosen): Promise<void> {
  for (let i = 0; i < files.length; i += handedOver) {
    await engine().table.addPictures(files.slice(i, i + handedOver));
  }
  const form: PictureForm = { side: 28, channels: 1 };
  data.value = await engine().table.openPictures(name, form, proxy(showReading));
  if (choices.value.task !== "classification") changeTask("classification");
}

/** Makes other bytes of the pictures that are open. */
export function changeForm(form: PictureForm): Promise<void> {
  return during("reading", troubles.data, async () => {
    data.value = await engine().table.changeForm(form, proxy(showReading));
  });
}

function showReading(done: number): void {
  if (activity.value === "reading") reading.value = done;
}

export function train(): Promise<void> {
  return during("training", troubles.training, async () => {
    const onProgress = proxy((now: TableProgress) => {
      if (activity.value === "training") progress.value = now;
    });
    model.value = await engine().table.train(choices.value, onProgress);
    predicted.value = undefined;
    troubles.model.value = "";
  });
}

export async function stop(): Promise<void> {
  await engine().table.stop();
}

export function openModel(file: File): Promise<void> {
  return during("reading", troubles.model, () => readModel(file));
}

async function readModel(file: File): Promise<void> {
  model.value = await engine().table.openModel(file);
  predicted.value = undefined;
}

export function predictFile(file: File): Promise<void> {
  return during("predicting", troubles.model, async () => {
    predicted.value = await engine().table.predictFile(file);
  });
}

export function predictPictures(files: readonly File[]): Promise<void> {
  return during("predicting", troubles.model, async () => {
    const given = files.map((file) => ({ file, folder: "" }));
    predicted.value = await engine().table.predictPictures(given);
  });
}

export function discard(): Promise<void> {
  return during("predicting", troubles.model, async () => {
    await engine().table.discard();
    model.value = undefined;
    predicted.value = undefined;
  });
}

export function downloadModel(): Promise<void> {
  return during("predicting", troubles.model, async () => {
    download(`${stem()}.safetensors`, [await engine().table.save()], "application/octet-stream");
  });
}

export function downloadTested(): Promise<void> {
  return during("predicting", troubles.model, async () => {
    download(`${stem()}.test-predictions.csv`, [await engine().table.testPredictions()], "text/csv");
  });
}

export function downloadPredicted({ name, csv }: PredictedInfo): void {
  download(`${stemOf(name)}.predictions.csv`, [csv], "text/csv");
}

function stem(): string {
  return stemOf(model.value?.name ?? "model");
}

function stemOf(name: string): string {
  return name.replace(/\.\w+$/, "");
}
