// Inverted dropout: y = x m / (1 - rate), where m keeps a value with probability 1 - rate; the gradient passes through
// the same mask, drawn again. The mask is a function of the model's seed, the layer's name, the optimizer's iteration,
// and a value's place in the minibatch.

struct Params {
  quads: u32,     // rows * row length / 4
  seedLow: u32,
  seedHigh: u32,
  nameLow: u32,
  nameHigh: u32,
  threshold: u32, // rate 2^32: what lies below is dropped
  scale: f32,     // 1 / (1 - rate)
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

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> state: State;
@group(0) @binding(2) var<storage, read> stepTable: array<Step>;
@group(0) @binding(3) var<storage, read> source: array<vec4f>;       // x, or dy on the way back [rows, outputDim]
@group(0) @binding(4) var<storage, read_write> output: array<vec4f>; // y, or dx

@compute @workgroup_size(64)
fn dropout(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let i = linearIndex(group, groups, lane, 64u);
  if (i >= params.quads) { return; }
  let counter = vec4u(i, stepTable[state.step].iteration, params.nameLow, params.nameHigh);
  let words = philox4x32(counter, vec2u(params.seedLow, params.seedHigh));
  output[i] = select(vec4f(), source[i] * params.scale, words >= vec4u(params.threshold));
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
