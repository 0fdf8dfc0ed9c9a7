import { signal, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { engine, loading } from "../../engine.ts";
import { epochs, modelVersion, progress, settings } from "../../training.ts";
import { decimals } from "../../ui/numbers.ts";
import { ScrollBox } from "../../ui/scroll_box.tsx";
import { accuracyOf, forget, type KeptModel, keep, keptModels } from "./kept_models.ts";
import { openModel } from "./opening.ts";
import { Said } from "./said.tsx";

const models = signal<readonly [name: string, model: KeptModel][]>([]);
const said = signal("");
const failure = signal("");
/** What was deleted last, until something else is done. */
const deleted = signal<[name: string, model: KeptModel] | undefined>(undefined);

/** Models kept in this browser, under names. */
export function Kept() {
  useEffect(() => void attempt(async () => ""), []);
  return (
    <section class="panel whole" aria-labelledby="kept-title">
      <h3 id="kept-title">Models kept in this browser</h3>
      <KeepForm />
      {models.value.length === 0 ? <p class="quiet">None is kept.</p> : <List />}
      <Said words={said.value} failure={failure.value}>
        {deleted.value && (
          <button type="button" onClick={putBack}>
            Put it back
          </button>
        )}
      </Said>
    </section>
  );
}

function KeepForm() {
  const typed = useSignal<string | undefined>(undefined);
  const { loss, outputDim, scale } = settings.value;
  const name = (typed.value ?? `${loss}, D ${outputDim}, scale ${scale}`).trim();
  const isKept = models.value.some(([kept]) => kept === name);
  return (
    <form
      class="row"
      onSubmit={(event) => {
        event.preventDefault();
        void attempt(() => keepAs(name));
      }}
    >
      <label>
        Name
        <input
          type="text"
          maxLength={80}
          value={typed.value ?? name}
          onInput={({ currentTarget }) => {
            typed.value = currentTarget.value;
          }}
        />
      </label>
      <button type="submit" disabled={modelVersion.value === 0 || name === ""}>
        {isKept ? "Replace" : "Keep the model"}
      </button>
    </form>
  );
}

function List() {
  const closed = progress.value !== undefined || loading.value.phase !== "ready";
  return (
    <ScrollBox label="Kept models">
      <table class="kept">
        <thead>
          <tr>
            <th scope="col">Name</th>
            <td />
            <th scope="col">Validation accuracy</th>
            <th scope="col">Date</th>
            <th scope="col">Size</th>
          </tr>
        </thead>
        <tbody>
          {models.value.map(([name, model]) => {
            const accuracy = accuracyOf(model);
            return (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td class="row">
                  <button
                    type="button"
                    aria-label={`Open ${name}`}
                    disabled={closed}
                    onClick={() => attempt(() => openKept(name, model))}
                  >
                    Open
                  </button>
                  <button
                    type="button"
                    aria-label={`Delete ${name}`}
                    onClick={() => attempt(() => deleteKept(name, model))}
                  >
                    Delete
                  </button>
                </td>
                <td>{accuracy === undefined ? "not known" : decimals(accuracy, 4)}</td>
                <td>{new Date(model.date).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" })}</td>
                <td>{Math.ceil(model.bytes.length / 1000)} kB</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </ScrollBox>
  );
}

async function keepAs(name: string): Promise<string> {
  const bytes = (await engine().session.save()) as Uint8Array<ArrayBuffer>;
  await keep(name, { date: Date.now(), bytes, epochs: epochs.value });
  return `Kept as ${name}.`;
}

async function openKept(name: string, { bytes, epochs }: KeptModel): Promise<string> {
  await openModel(bytes.slice(), epochs);
  return `Opened ${name}.`;
}

async function deleteKept(name: string, model: KeptModel): Promise<string> {
  await forget(name);
  deleted.value = [name, model];
  return `Deleted ${name}.`;
}

function putBack(): Promise<void> {
  const [name, model] = deleted.value as [string, KeptModel];
  return attempt(async () => {
    await keep(name, model);
    return `${name} is back.`;
  });
}

/** Does something and shows what is kept then. */
async function attempt(work: () => Promise<string>): Promise<void> {
  failure.value = said.value = "";
  deleted.value = undefined;
  try {
    said.value = await work();
    models.value = await keptModels();
  } catch (error) {
    failure.value = (error as Error).message;
  }
}
