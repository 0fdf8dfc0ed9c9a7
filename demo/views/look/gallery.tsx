import { useComputed, useSignal, useSignalEffect } from "@preact/signals";
import { engine } from "../../engine.ts";
import { filter, page, passing, setFilter } from "./filter.ts";
import { report } from "./reading.ts";
import { Tile, type TileProps } from "./tile.tsx";

/** Tiles of a page. */
const pageSize = 40;

/** Test digits with what the model made of them. */
export function Gallery() {
  const found = useComputed(() => (report.value ? passing(report.value, filter.value) : new Uint32Array()));
  const tiles = useSignal<readonly (TileProps & { number: number })[]>([]);
  useSignalEffect(() => {
    const { value: of } = report;
    const numbers = Array.from(found.value.subarray(page.value * pageSize, (page.value + 1) * pageSize));
    if (!of || numbers.length === 0) {
      tiles.value = [];
      return;
    }
    let current = true;
    void engine()
      .look.images(numbers)
      .then(({ pixels, labels }) => {
        if (!current) return;
        tiles.value = numbers.map((number, i) => ({
          number,
          pixels: pixels.subarray(i * 784, (i + 1) * 784),
          label: labels[i] as number,
          scores: of.scores.subarray(number * 10, (number + 1) * 10),
        }));
      });
    return () => {
      current = false;
    };
  });
  const count = found.value.length;
  const first = page.value * pageSize;
  return (
    <section class="panel gallery" aria-labelledby="gallery-title">
      <h2 id="gallery-title">Gallery</h2>
      <div class="fields">
        <label>
          Show
          <select
            value={filter.value.which}
            onInput={(event) => setFilter({ which: event.currentTarget.value as "mistakes" | "all" })}
          >
            <option value="mistakes">mistakes</option>
            <option value="all">all</option>
          </select>
        </label>
        <Digit name="Digit" value={filter.value.label} onChange={(label) => setFilter({ label })} />
        <Digit name="Taken for" value={filter.value.taken} onChange={(taken) => setFilter({ taken })} />
        <button type="button" disabled={page.value === 0} onClick={() => page.value--}>
          Previous
        </button>
        <button type="button" disabled={first + pageSize >= count} onClick={() => page.value++}>
          Next
        </button>
        <p class="count" role="status">
          {count === 0 ? "None." : `${first + 1} to ${Math.min(count, first + pageSize)} of ${count}.`}
        </p>
      </div>
      <ul class="tiles">
        {tiles.value.map(({ number, ...tile }) => (
          <Tile key={number} {...tile} />
        ))}
      </ul>
    </section>
  );
}

interface DigitProps {
  readonly name: string;
  readonly value: number | undefined;
  readonly onChange: (digit: number | undefined) => void;
}

/** A digit, or any. */
function Digit({ name, value, onChange }: DigitProps) {
  return (
    <label>
      {name}
      <select
        value={value ?? ""}
        onInput={({ currentTarget }) => onChange(currentTarget.value === "" ? undefined : Number(currentTarget.value))}
      >
        <option value="">any</option>
        {Array.from({ length: 10 }, (_, digit) => (
          <option key={digit} value={digit}>
            {digit}
          </option>
        ))}
      </select>
    </label>
  );
}
