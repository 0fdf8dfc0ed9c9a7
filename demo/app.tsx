// The page's frame: what it is, what it works on, and its five views.
import { signal } from "@preact/signals";
import type { ComponentType } from "preact";
import { noGpu } from "./engine.ts";
import { Lost } from "./ui/lost.tsx";
import { Status } from "./ui/status.tsx";
import { DrawView } from "./views/draw.tsx";
import { LookView } from "./views/look.tsx";
import { PlaneView } from "./views/plane.tsx";
import { Recorded } from "./views/recorded.tsx";
import { TableView } from "./views/table.tsx";
import { TrainView } from "./views/train.tsx";

const views: readonly { readonly id: string; readonly name: string; readonly View: ComponentType }[] = [
  { id: "train", name: "Train", View: TrainView },
  { id: "look", name: "Look", View: LookView },
  { id: "draw", name: "Draw", View: DrawView },
  { id: "plane", name: "Plane", View: PlaneView },
  { id: "data", name: "Your data", View: TableView },
];

const shown = signal(viewOf(location.hash));
addEventListener("hashchange", () => {
  shown.value = viewOf(location.hash);
});

function viewOf(hash: string): string {
  const id = hash.slice(1).split("?")[0];
  return views.some((view) => view.id === id) ? (id as string) : "train";
}

export function App() {
  const without = noGpu.value !== undefined;
  return (
    <>
      <header class="top">
        <h1>Quasi-SVM</h1>
        <nav aria-label="Views" hidden={without}>
          {views.map(({ id, name }) => (
            <a key={id} href={`#${id}`} aria-current={shown.value === id ? "page" : undefined}>
              {name}
            </a>
          ))}
        </nav>
        <Status />
      </header>
      <main>
        {without ? <Recorded /> : <Lost />}
        {/* All stay in place, so that what runs or was drawn in one is there when it is shown again. */}
        {views.map(({ id, name, View }) => (
          <section key={id} id={`view-${id}`} aria-label={name} hidden={without || shown.value !== id}>
            <View />
          </section>
        ))}
      </main>
    </>
  );
}
