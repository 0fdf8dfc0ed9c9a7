// cosTurns and sinTurns of shaders/common.wgsl against float64, for every float32 turn.
//
// t - round(t) is exact in float32, so the functions of t are those of the remainder r, |r| <= 1/2, and they are exactly
// even and odd in r. The first case looks at every r from 2^-12 to 1/2; the others at what leads to it.
import { bindings, kernel } from "../../src/nn/kernels/wgsl.ts";
import { assertWithin } from "../twins/bounds.ts";
import { cosTurns, sinTurns } from "../twins/cosine.ts";
import { type Context, test } from "./harness.ts";
import { runKernels } from "./run_kernel.ts";

const turns = kernel(
  "turns",
  "turns",
  [
    /* wgsl */ `
@group(0) @binding(0) var<storage, read> t: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> cosines: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> sines: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> asymmetric: atomic<u32>;

@compute @workgroup_size(64)
fn turns(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= arrayLength(&t)) { return; }
  let c = cosTurns(t[id.x]);
  let s = sinTurns(t[id.x]);
  cosines[id.x] = c;
  sines[id.x] = s;
  if (any(cosTurns(-t[id.x]) != c) || any(sinTurns(-t[id.x]) != -s)) { atomicAdd(&asymmetric, 1u); }
}
`,
  ],
  bindings(0, { t: "read", cosines: "read_write", sines: "read_write", asymmetric: "read_write" }),
);

/** The largest error allowed of either function. */
const target = 5e-7;
/** Turns for each dispatch. */
const chunk = 2 ** 20;

interface Errors {
  cosine: number;
  sine: number;
  at: number;
  count: number;
}

/** Both functions at these turns, whose number is a multiple of four. */
async function evaluate(gpu: Context["gpu"], t: Float32Array) {
  const results = await runKernels(
    gpu,
    { t, cosines: new Float32Array(t.length), sines: new Float32Array(t.length), asymmetric: new Uint32Array(1) },
    [{ kernel: turns, workgroups: [Math.ceil(t.length / 256), 1, 1] }],
  );
  const count = results.asymmetric[0];
  if (count !== 0) throw new Error(`${count} times -t does not mirror t, from t = ${t[0]} on`);
  return results;
}

/** Adds the errors at these turns, and at their mirror images. */
async function measure(gpu: Context["gpu"], t: Float32Array, errors: Errors): Promise<void> {
  const { cosines, sines } = await evaluate(gpu, t);
  for (let i = 0; i < t.length; i++) {
    const cosine = Math.abs(cosines[i]! - cosTurns(t[i]!));
    const sine = Math.abs(sines[i]! - sinTurns(t[i]!));
    if (!(cosine <= target && sine <= target)) {
      throw new Error(`t = ${t[i]}: got ${cosines[i]} and ${sines[i]}, off by ${cosine} and ${sine}`);
    }
    if (cosine > errors.cosine) [errors.cosine, errors.at] = [cosine, t[i]!];
    errors.sine = Math.max(errors.sine, sine);
  }
  errors.count += 2 * t.length;
}

/** Fails unless the functions of t are those of t - round(t), to the bit. */
async function assertReduced(gpu: Context["gpu"], t: Float32Array): Promise<void> {
  const whole = await evaluate(gpu, t);
  const reduced = await evaluate(
    gpu,
    Float32Array.from(t, (value) => value - Math.round(value)),
  );
  assertWithin(whole.cosines, reduced.cosines, 0, `cosTurns from t = ${t[0]} on`);
  assertWithin(whole.sines, reduced.sines, 0, `sinTurns from t = ${t[0]} on`);
}

/** Every `stride`-th float32 from `begin` to `end`, both positive; the last is repeated to fill a chunk. */
function* floats(begin: number, end: number, stride: number): Generator<Float32Array> {
  const values = new Float32Array(chunk);
  const bits = new Uint32Array(values.buffer);
  const last = bitsOf(end);
  for (let next = bitsOf(begin); next <= last; ) {
    for (let i = 0; i < chunk; i++, next += stride) bits[i] = Math.min(next, last);
    yield values;
  }
}

function bitsOf(value: number): number {
  return new Uint32Array(Float32Array.of(value).buffer)[0]!;
}

async function sweep({ gpu, note }: Context, chunks: Iterable<Float32Array>, alsoReduced: boolean): Promise<void> {
  const errors: Errors = { cosine: 0, sine: 0, at: 0, count: 0 };
  for (const t of chunks) {
    await measure(gpu, t, errors);
    if (alsoReduced) await assertReduced(gpu, t);
  }
  const [cosine, sine] = [errors.cosine, errors.sine].map((error) => error.toExponential(3));
  const count = errors.count.toLocaleString("en");
  note(`largest error of cosTurns ${cosine} (at t = ${errors.at}), of sinTurns ${sine}, over ${count} turns`);
}

test("turns: every float32 from 2^-12 to 1/2", (t) => sweep(t, floats(2 ** -12, 0.5, 1), false));

// Below, the cosine is within 1.2e-6 of 1, the sine within 1e-9 of 2 pi t.
test("turns: every 499th float32 from 0 to 2^-12", (t) => sweep(t, floats(0, 2 ** -12, 499), false));

test("turns: every 37th float32 from 1/2 to 10,000", (t) => sweep(t, floats(0.5, 1e4, 37), true));

test("turns: every multiple of 1/4 up to 10,000, with three neighbours on either side", (t) => {
  const values: number[] = [];
  for (let k = 1; k <= 4e4; k++) {
    const bits = bitsOf(k / 4);
    for (let neighbour = -3; neighbour <= 3; neighbour++) values.push(bits + neighbour);
  }
  return sweep(t, [new Float32Array(Uint32Array.from(values).buffer)], true);
});
