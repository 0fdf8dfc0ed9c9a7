// Which members of the kernel families suit a device: known by default, or measured on it and remembered.
// Every member gives the same bits, so the choice changes nothing but the time.
import { ConfigError, show } from "../errors.ts";
import { allocating, Buffers } from "../gpu/buffers.ts";
import type { Gpu } from "../gpu/device.ts";
import { type Race, race } from "../gpu/race.ts";
import { packRows } from "./kernels/gather.ts";
import { denseEpilogue, type ProductVariant, product, productGrid, type Tile, tileNames } from "./kernels/product.ts";
import type { StoreKind } from "./kernels/rows.ts";
import { operand, type Storage } from "./rows.ts";

/** Which members of the kernel families a model computes with; all give the same bits. */
export interface Tuning {
  /** The kernel of products, and where its packed operands lie. */
  readonly product: ProductVariant;
  /** Where features are kept. */
  readonly rows: "buffer" | "texture";
  /** Whether an invocation of the head does much (software adapters) or little (GPUs, which want many of them). */
  readonly invocations: "few" | "many";
}

/** Where a choice is remembered: anything that keeps text by a key. */
export interface TuningStore {
  /** What was written last by this key; undefined where nothing was. */
  read(key: string): Promise<string | undefined>;
  /** Keeps a text of some hundred characters. A store that fails only costs another measurement. */
  write(key: string, text: string): Promise<void>;
}

/** "auto" measures once and remembers, "force" measures again, "off" takes what is known of the kind of adapter. */
export type TuneMode = "auto" | "off" | "force";

/** A choice, and how it was made. */
export interface Tuned extends Tuning {
  /** By the kind of adapter, measured just now, or read from the store. */
  readonly source: "default" | "measured" | "remembered";
  /** Where it was measured just now: times in milliseconds. */
  readonly measured?: {
    /** All of the measurement. */
    readonly total: number;
    /** Each candidate that was reached, by its name. */
    readonly candidates: Readonly<Record<string, number>>;
  };
}

/** Milliseconds after which no further candidate is measured. */
const budget = 300;
/** What was chosen for a device under "auto". */
const chosen = new WeakMap<GPUDevice, Promise<Tuned>>();

/**
 * The kernels for a device; under "auto" they are looked for once.
 * @param store where the choice is remembered beyond the life of the device.
 * @throws ConfigError for an unknown mode.
 */
export async function tune(gpu: Gpu, mode: TuneMode, store?: TuningStore): Promise<Tuned> {
  checkTuneMode(mode);
  const fallback = defaultTuning(gpu);
  if (mode === "off") return { ...fallback, source: "default" };
  const known = mode === "auto" ? chosen.get(gpu.device) : undefined;
  const choice = known ?? choose(gpu, fallback, mode, store);
  chosen.set(gpu.device, choice);
  return choice;
}

/** @throws ConfigError for anything else, which plain JavaScript may hand over. */
export function checkTuneMode(mode: TuneMode): void {
  if (["auto", "off", "force"].includes(mode)) return;
  throw new ConfigError(`tune: expected "auto", "off" or "force", got ${show(mode)}.`);
}

async function choose(gpu: Gpu, fallback: Tuning, mode: TuneMode, store: TuningStore | undefined): Promise<Tuned> {
  const key = tuningKey(gpu);
  const known = mode === "force" ? undefined : parseTuning(await attempt(async () => store?.read(key)));
  if (known) return { ...known, source: "remembered" };
  const measured = await measure(gpu, fallback).catch(() => undefined);
  if (!measured) return { ...fallback, source: "default" };
  const { product, rows, invocations } = measured;
  await attempt(async () => store?.write(key, JSON.stringify({ product, rows, invocations })));
  return measured;
}

/** What a store gives, or undefined where it fails: what can't be remembered is measured again. */
function attempt<T>(ask: () => Promise<T>): Promise<T | undefined> {
  return ask().catch(() => undefined);
}

/** What is known without measuring: software adapters pay for loads and barriers, GPUs for registers and idle lanes. */
export function defaultTuning({ adapter }: Gpu): Tuning {
  return adapter.isSoftware
    ? { product: { tile: "registers16", place: "texture" }, rows: "texture", invocations: "few" }
    : { product: { tile: "workgroup64", place: "buffer" }, rows: "buffer", invocations: "many" };
}

/** Changes with the adapter, the runtime and the kernels. */
function tuningKey({ adapter: { name, vendor, architecture } }: Gpu): string {
  const runtime = globalThis.navigator?.userAgent ?? "";
  const kernels = variants().map((variant) => kernelOf(variant).source);
  return ["quasi-svm tuning", name, vendor, architecture, runtime, hash(kernels.join())].join(" | ");
}

/** A tuning from its text; undefined for anything else. */
function parseTuning(text: string | undefined): Tuning | undefined {
  try {
    const { product, rows, invocations } = JSON.parse(text ?? "") as Tuning;
    const places = ["buffer", "texture"];
    const isKnown =
      tileNames.includes(product.tile) &&
      places.includes(product.place) &&
      places.includes(rows) &&
      ["few", "many"].includes(invocations);
    return isKnown ? { product, rows, invocations } : undefined;
  } catch {
    return undefined;
  }
}

async function measure(gpu: Gpu, fallback: Tuning): Promise<Tuned> {
  const begun = performance.now();
  const buffers = new Buffers(gpu, "tuning");
  try {
    const size = sizes[gpu.adapter.isSoftware ? "software" : "hardware"];
    const races = await allocating(
      gpu,
      () => buffers.destroy(),
      async () => [...readingRaces(buffers, size, fallback.rows), ...productRaces(gpu, buffers, size, fallback)],
    );
    const candidates = await race(gpu, buffers, races, begun + budget);
    const rows = winnerOf(candidates, "rows")?.[1] ?? fallback.rows;
    const winner = winnerOf(candidates, "product");
    const product = winner ? { tile: winner[2] as Tile, place: winner[1] } : fallback.product;
    // What likes its work in registers, without barriers, likes it in few invocations too.
    const invocations = winner ? (product.tile.startsWith("registers") ? "few" : "many") : fallback.invocations;
    return {
      product,
      rows,
      invocations,
      source: "measured",
      measured: { total: performance.now() - begun, candidates },
    };
  } finally {
    buffers.destroy();
  }
}

/** Sizes of the measured product: a few milliseconds on a slow device of the kind. */
const sizes = {
  software: { rows: 64, depth: 256, columns: 1024 },
  hardware: { rows: 2048, depth: 512, columns: 2048 },
} as const;
type Size = { readonly rows: number; readonly depth: number; readonly columns: number };

/** Rows read from either place, the expected one first. */
function readingRaces(buffers: Buffers, { rows, columns }: Size, expected: Storage["place"]): Race[] {
  const output = operand(buffers, "packed", rows * columns, "buffer");
  return expectedFirst(expected).map((place) => ({
    name: `rows ${place}`,
    spec: {
      label: `rows ${place}`,
      kernel: packRows(kindOf(place), "floats"),
      resources: { source: operand(buffers, `rows.${place}`, rows * columns, place), output },
      uniforms: {
        params: { rows, batch: 0, columns4: columns / 4, first: 0, depth: columns, unit: 1 },
        shape: { columns4: 4, first: 0 },
      },
      workgroups: [columns / 512, rows / 8, 1],
    },
  }));
}

/**
 * Every member of the families, the most promising first, since time may not suffice for all. A software adapter pays
 * a coroutine switch for every barrier, and half a second to compile them, so there the family without runs alone.
 */
function productRaces(gpu: Gpu, buffers: Buffers, { rows, depth, columns }: Size, fallback: Tuning): Race[] {
  const output = buffers.storage("output", rows * columns * 4);
  const parameters = buffers.storage("parameters", 16);
  const operands = Object.fromEntries(
    (["buffer", "texture"] as const).map((place) => [
      place,
      {
        left: operand(buffers, `left.${place}`, rows * depth, place),
        right: operand(buffers, `right.${place}`, columns * depth, place),
      },
    ]),
  );
  const tried = variants(fallback).filter(({ tile }) => !gpu.adapter.isSoftware || tile.startsWith("registers"));
  return tried.map((variant) => ({
    name: `product ${variant.place} ${variant.tile}`,
    spec: {
      label: `product ${variant.place} ${variant.tile}`,
      kernel: kernelOf(variant),
      resources: { ...operands[variant.place], output, parameters },
      uniforms: {
        params: { rows, columns8: columns / 8, depth, slice: depth },
        shape: { columns4: columns / 4, first: 0 },
        epilogue: { outputs4: columns / 4, bias: 0 },
      },
      ...productGrid(variant, { rows, columns }),
    },
  }));
}

/** All variants; beginning with the given one, then with those like it. */
function variants(
  { product: { tile, place } }: Pick<Tuning, "product"> = { product: { tile: "registers16", place: "buffer" } },
) {
  const family = tile.startsWith("registers") ? "registers" : "workgroup";
  const likeness = (variant: ProductVariant) =>
    4 * Number(variant.tile.startsWith(family)) + 2 * Number(variant.place === place) + Number(variant.tile === tile);
  const all = tileNames.flatMap((name) =>
    expectedFirst("buffer").map((p): ProductVariant => ({ tile: name, place: p })),
  );
  return all.sort((a, b) => likeness(b) - likeness(a));
}

function kernelOf(variant: ProductVariant) {
  return product(variant, denseEpilogue(false), "floats");
}

function kindOf(place: Storage["place"]): StoreKind {
  return place === "buffer" ? "floats" : "float_texture";
}

function expectedFirst(place: Storage["place"]): readonly Storage["place"][] {
  return place === "buffer" ? ["buffer", "texture"] : ["texture", "buffer"];
}

/** How much less time another candidate must take than the expected one: measurements this short are rough. */
const clearly = 0.85;

/** The choice from a group of candidates, as the words of its name: group, place, and tile for a product. */
function winnerOf(
  candidates: Readonly<Record<string, number>>,
  group: "rows" | "product",
): [group: string, place: Storage["place"], tile?: string] | undefined {
  const entries = Object.entries(candidates).filter(([name]) => name.startsWith(group));
  const [expected] = entries;
  if (!expected) return undefined;
  const fastest = entries.toSorted(([, a], [, b]) => a - b)[0] as [string, number];
  const [winner] = fastest[1] < clearly * expected[1] ? fastest : expected;
  return winner.split(" ") as ReturnType<typeof winnerOf>;
}

/** FNV-1a, 32 bits, of a text. */
function hash(text: string): string {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return (value >>> 0).toString(16);
}
