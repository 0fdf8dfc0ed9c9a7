import { useSignal } from "@preact/signals";
import { begin, noGpu } from "../../engine.ts";

/** Why nothing can be trained here, and where it could. */
export function Advice() {
  const busy = useSignal(false);
  const again = async () => {
    busy.value = true;
    await begin();
    busy.value = false;
  };
  return (
    <section class="panel" aria-labelledby="advice-title">
      <h2 id="advice-title">This page trains with WebGPU, and there is none here</h2>
      {!isSecureContext && (
        <p>
          Browsers offer WebGPU on https and on localhost only, and <code>{location.origin}</code> is neither.
        </p>
      )}
      <p>These have it:</p>
      <ul>
        <li>
          Chrome and Edge 113 or newer on Windows, macOS and ChromeOS; on Linux Chrome 144 with an Intel GPU and 147
          with one of NVIDIA; on Android Chrome 121
        </li>
        <li>Safari 26 or newer, on Macs, iPhones and iPads</li>
        <li>Firefox 141 or newer on Windows; newer ones on other systems, from 145 on Macs with Apple silicon</li>
      </ul>
      <p>
        Chrome without a GPU, or with one that it does not use: start it with <code>--enable-unsafe-webgpu</code>, or
        switch “Unsafe WebGPU Support” on in <code>chrome://flags</code>. It then computes on the processor, slowly but
        the same.
      </p>
      <p>
        <button type="button" disabled={busy.value} onClick={again}>
          Look for a GPU again
        </button>
      </p>
      <details>
        <summary>What was tried</summary>
        <p class="quiet">{noGpu.value}</p>
      </details>
    </section>
  );
}
