import { adapter } from "../../engine.ts";
import { epochs, memory, millisecondsPerStep, progress, settings, trainedWith } from "../../training.ts";
import { counted, decimals } from "../../ui/numbers.ts";

/** What is measured while a training runs; each figure keeps its place and width. */
export function Figures() {
  const now = progress.value;
  const last = epochs.value.at(-1);
  const logs = now && Object.keys(now.logs).length > 0 ? now.logs : last;
  const ms = millisecondsPerStep.value;
  const { name, isSoftware } = adapter.value ?? {};
  const { batchSize } = trainedWith.value ?? settings.value;
  const share = now && now.of > 0 ? now.done / now.of : 0;
  return (
    <div class="panel figures">
      <progress value={share} max={1} aria-label="Progress of the epoch, or of the features" />
      <dl>
        <Figure name="Epoch" value={now ? `${now.epoch + 1} / ${settings.value.epochs}` : epochs.value.length} />
        <Figure name={now?.phase === "features" ? "Row" : "Step"} value={now ? `${now.done} / ${now.of}` : undefined} />
        <Figure name="Loss" value={logs?.loss === undefined ? undefined : decimals(logs.loss, 4)} />
        <Figure name="Accuracy" value={logs?.acc === undefined ? undefined : decimals(logs.acc, 4)} />
        <Figure name="Validation loss" value={last?.val_loss === undefined ? undefined : decimals(last.val_loss, 4)} />
        <Figure
          name="Validation accuracy"
          value={last?.val_acc === undefined ? undefined : decimals(last.val_acc, 4)}
        />
        <Figure name="ms / step" value={ms?.toFixed(2)} />
        <Figure name="Examples / s" value={ms && Math.round((batchSize * 1000) / ms).toLocaleString("en")} />
        <Figure name="Time left" value={now?.secondsLeft === undefined ? undefined : duration(now.secondsLeft)} />
        <Figure
          name="GPU memory"
          value={memory.value && `${(memory.value.bytes / 2 ** 20).toFixed(1)} MiB`}
          note={
            memory.value &&
            `in ${counted(memory.value.buffers, "buffer")}, ${counted(memory.value.textures, "texture")}`
          }
        />
        <Figure name="Adapter" value={name} note={name && (isSoftware ? "a software adapter" : "a GPU")} />
      </dl>
    </div>
  );
}

function Figure(props: {
  readonly name: string;
  readonly value?: string | number | undefined;
  readonly note?: string | undefined;
}) {
  return (
    <div>
      <dt>{props.name}</dt>
      <dd>{props.value ?? "–"}</dd>
      <dd class="note">{props.note}</dd>
    </div>
  );
}

function duration(seconds: number): string {
  const whole = Math.ceil(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
