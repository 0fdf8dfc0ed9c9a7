import { adapter, loading, lost, noGpu } from "../engine.ts";
import "../style/status.css";

/** What the page works on, and whether it still needs the network. */
export function Status() {
  return (
    <div class="status">
      <p>{noGpu.value === undefined ? <Files /> : <span role="status">What is shown here is a recording.</span>}</p>
      <p role="status">{adapterWords()}</p>
    </div>
  );
}

function Files() {
  const state = loading.value;
  if (state.phase === "failed") {
    return (
      <>
        <span role="alert">{state.reason}</span>{" "}
        <button type="button" onClick={state.again}>
          Try again
        </button>
      </>
    );
  }
  // The megabytes are not a part of what is read aloud at every change.
  return (
    <>
      <span role="status">
        {state.phase === "loading"
          ? "Loading 70,000 digits"
          : `Ready. From here on the page asks for nothing and sends nothing${state.offline ? "; it opens offline, too" : ""}.`}
      </span>
      {state.phase === "loading" && megabytes(state)}
    </>
  );
}

function megabytes({ loaded, total }: { loaded: number; total: number }): string {
  if (loaded === 0) return ".";
  const inWords = (bytes: number) => (bytes / 1e6).toFixed(1);
  // Where a server packs or unpacks on the way, the lengths that it names are not those that come.
  return total < loaded ? `: ${inWords(loaded)} MB.` : `: ${inWords(loaded)} of ${inWords(total)} MB.`;
}

function adapterWords(): string {
  if (noGpu.value !== undefined) return "This browser offers no WebGPU.";
  if (lost.value !== undefined) return "The GPU was lost.";
  if (!adapter.value) return "Looking for a GPU.";
  const { name, isSoftware } = adapter.value;
  return isSoftware ? `On ${name}, a software adapter: no GPU was found.` : `On ${name}.`;
}
