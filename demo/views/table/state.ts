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
import type { PictureFile, PictureForm } from "../../worker/table/pictures.ts";
import { type Column, suggestInputs, suggestLabel, suggestTask, type Task } from "../../worker/table/suggest.ts";

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
export const reading = signal<{ readonly done: number; readonly total: number } | undefined>(undefined);
export const progress = signal<TableProgress | undefined>(undefined);
export const model = signal<TrainedInfo | OpenedInfo | undefined>(undefined);
export const predicted = signal<PredictedInfo | undefined>(undefined);
/** What went wrong last, in the words of the error: with data, with a training, with a model. */
export const troubles = { data: signal(""), training: signal(""), model: signal("") };

/** The files of the pictures that are open, to read them again in another form. */
let pictures: { readonly name: string; readonly files: readonly PictureFile[] } | undefined;

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
    reading.value = undefined;
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

export function openTable(file: File): Promise<void> {
  return during("reading", troubles.data, async () => showTable(await engine().table.openFile(file)));
}

export function setHeader(header: boolean): Promise<void> {
  return during("reading", troubles.data, async () => showTable(await engine().table.setHeader(header)));
}

export function openPictures(name: string, files: readonly PictureFile[], form: PictureForm): Promise<void> {
  return during("reading", troubles.data, async () => {
    const total = files.length;
    reading.value = { done: 0, total };
    const onProgress = proxy((done: number) => {
      reading.value = { done, total };
    });
    data.value = await engine().table.openPictures(name, files, form, onProgress);
    pictures = { name, files };
    if (choices.value.task !== "classification") changeTask("classification");
  });
}

/** Reads the pictures that are open again. */
export async function changeForm(form: PictureForm): Promise<void> {
  if (pictures) await openPictures(pictures.name, pictures.files, form);
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
  return during("reading", troubles.model, async () => {
    model.value = await engine().table.openModel(file);
    predicted.value = undefined;
  });
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
