import "../style/recorded.css";
import { Advice } from "./recorded/advice.tsx";
import { Run } from "./recorded/run.tsx";

/** What the page shows where there is no WebGPU: what to do about it, and a training that was recorded elsewhere. */
export function Recorded() {
  return (
    <div class="recorded">
      <Advice />
      <Run />
    </div>
  );
}
