import { useSignalEffect } from "@preact/signals";
import { useRef } from "preact/hooks";
import "../style/look.css";
import { loading } from "../engine.ts";
import { modelVersion } from "../training.ts";
import { useShown } from "../ui/shown.ts";
import { Approximation } from "./look/approximation.tsx";
import { Gallery } from "./look/gallery.tsx";
import { Matrix } from "./look/matrix.tsx";
import { keepUp } from "./look/reading.ts";
import { Scales } from "./look/scales.tsx";

export function LookView() {
  const view = useRef<HTMLDivElement>(null);
  const shown = useShown(view);
  useSignalEffect(() => {
    if (shown.value && loading.value.phase === "ready") keepUp();
  });
  return (
    <div ref={view} class="look">
      {modelVersion.value === 0 && (
        <p class="panel whole">
          There is no model yet: <a href="#train">train one</a> first. The two charts below need none.
        </p>
      )}
      <Matrix />
      <Gallery />
      <Approximation shown={shown} />
      <Scales />
    </div>
  );
}
