import { adapter, loading, lost, noGpu } from "../engine.ts";

/** What the page works on, and whether it still needs the network. */
export function Status() {
  return (
    <p class="status" role="status">
      {loadingWords()} {adapterWords()}
    </p>
  );
}

function loadingWords(): string {
  const state = loading.value;
  if (state.phase === "failed") return state.reason;
  if (state.phase === "ready") {
    const again = state.offline ? " It opens without a network, too." : "";
    return `Ready. Nothing leaves this machine: no further request is made.${again}`;
  }
  const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1);
  return `Loading 70,000 digits: ${megabytes(state.loaded)} of ${megabytes(state.total)} MB.`;
}

function adapterWords(): string {
  if (lost.value) return `The GPU was lost: ${lost.value}`;
  if (noGpu.value) return noGpu.value;
  if (!adapter.value) return "";
  const { name, isSoftware } = adapter.value;
  return isSoftware ? `On ${name}, a software adapter: no GPU was found.` : `On ${name}.`;
}
