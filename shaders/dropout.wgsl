// Inverted dropout: y = x m / (1 - rate), where m keeps a value with probability 1 - rate; the gradient passes through
// the same mask, drawn again. The mask is a function of the model's seed, the layer's name, the optimizer's iteration,
// and a value's place in the minibatch. `loadRow8` comes from rows/*.wgsl.

struct Params {
  rows: u32,       // rows of the batch buffers
  batch: u32,      // rows of a step, for dropoutSamples
  columns4: u32,   // row length of the source / 4
  first: u32,      // where the rows begin in a buffer of floats, in vec4f
  unit: f32,       // value of one count of a source of bytes
  outputs4: u32,   // row length of the output / 4
  seedLow: u32,
  seedHigh: u32,
  nameLow: u32,
  nameHigh: u32,
  threshold: u32,  // rate 2^32: what lies below is dropped
  scale: f32,      // 1 / (1 - rate)
}

struct State {
  step: u32,
  next: u32,
  rowCount: u32,
  destination: u32,
  fault: u32,
}

struct Step {
  size: f32,
  rate: f32,
  average: f32,
  iteration: u32, // optimizer steps before it
}

struct Sample {
  featureRow: u32,
  targetRow: u32,
  weight: f32,
  signed: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> state: State;
@group(0) @binding(2) var<storage, read> stepTable: array<Step>;
@group(0) @binding(3) var<storage, read_write> output: array<vec4f>; // y, or dx [rows, outputDim]
@group(0) @binding(4) var<storage, read> samples: array<Sample>;

// A minibatch, or its gradient.
@compute @workgroup_size(64)
fn dropout(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = group.z * 65535u + group.y;
  drop8(row, row, group.x * 64u + lane);
}

// The rows of this step's minibatch where they are kept, in the order of the samples. Rows beyond the last repeat it.
@compute @workgroup_size(64)
fn dropoutSamples(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = group.z * 65535u + group.y;
  let sample = min(state.step * params.batch + row, state.rowCount - 1u);
  drop8(row, samples[sample].featureRow, group.x * 64u + lane);
}

fn drop8(row: u32, kept: u32, column8: u32) {
  if (row >= params.rows || column8 * 2u >= params.outputs4) { return; }
  let value = loadRow8(kept, column8);
  let i = row * params.outputs4 + column8 * 2u;
  output[i] = masked(i, value[0]);
  if (column8 * 2u + 1u < params.outputs4) { output[i + 1u] = masked(i + 1u, value[1]); }
}

// Quad i of the minibatch.
fn masked(i: u32, value: vec4f) -> vec4f {
  let counter = vec4u(i, stepTable[state.step].iteration, params.nameLow, params.nameHigh);
  let words = philox4x32(counter, vec2u(params.seedLow, params.seedHigh));
  return select(vec4f(), value * params.scale, words >= vec4u(params.threshold));
}

// Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011), as in random.ts.
fn philox4x32(counter: vec4u, key: vec2u) -> vec4u {
  var c = counter;
  var k = key;
  for (var round = 0u; round < 10u; round++) {
    let high = multiplyHigh(vec2u(0xd2511f53u, 0xcd9e8d57u), c.xz);
    let low = vec2u(0xd2511f53u, 0xcd9e8d57u) * c.xz;
    c = vec4u(high.y ^ c.y ^ k.x, low.y, high.x ^ c.w ^ k.y, low.x);
    k += vec2u(0x9e3779b9u, 0xbb67ae85u);
  }
  return c;
}

// The upper 32 bits of products of 32-bit numbers, by halves: no sum exceeds 32 bits.
fn multiplyHigh(a: vec2u, b: vec2u) -> vec2u {
  let aLow = a & vec2u(0xffffu);
  let aHigh = a >> vec2u(16u);
  let bLow = b & vec2u(0xffffu);
  let bHigh = b >> vec2u(16u);
  let middle = aHigh * bLow + ((aLow * bLow) >> vec2u(16u));
  let other = aLow * bHigh + (middle & vec2u(0xffffu));
  return aHigh * bHigh + (middle >> vec2u(16u)) + (other >> vec2u(16u));
}
