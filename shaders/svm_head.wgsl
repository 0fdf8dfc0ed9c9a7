// A narrow Dense layer as the head of a kernel machine: logits = Z W + b in slices of D, and dW = Z' G fused with
// the optimizer. Classes come in blocks of up to 16 (CLASS_VEC4S vec4f); the loss stands between the two, in loss.wgsl.
// `update` comes from optimizers/*.wgsl.

override CLASS_VEC4S: u32 = 4;

struct Params {
  batch: u32,     // B
  rows: u32,      // rows of the batch buffers: B, rounded up to a multiple of 4
  features4: u32, // row length of the inputs / 4
  classes4: u32,  // row length of logits and weights / 4
  weights: u32,   // where W begins in the parameters, in vec4f; b follows W
  slices: u32,    // slices of the features in partialLogits
}

struct State {
  step: u32,
  rowCount: u32,
  destination: u32,
  fault: atomic<u32>,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> state: State;
@group(0) @binding(2) var<storage, read> inputs: array<vec4f>;             // Z [rows, features4]
@group(0) @binding(3) var<storage, read_write> parameters: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> partials: array<vec4f>;     // [slices, rows, classes4]
@group(0) @binding(5) var<storage, read> gradient: array<vec4f>;           // G [rows, classes4]
@group(0) @binding(6) var<storage, read> stepSizes: array<f32>;            // one for each step of the epoch

// Four features x four classes of W, one feature a column.
fn weights(f: u32, class4: u32) -> mat4x4f {
  let at = params.weights + f * 4u * params.classes4 + class4;
  let next = params.classes4;
  return mat4x4f(parameters[at], parameters[at + next], parameters[at + 2u * next], parameters[at + 3u * next]);
}

// Four rows x one class block for each invocation, over one slice of the features.
// Lanes run over rows, so a weight is read once for the workgroup.
@compute @workgroup_size(32)
fn partialLogits(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = (group.y * 32u + lane) * 4u;
  if (row >= params.rows) { return; }
  let perSlice = (params.features4 + params.slices - 1u) / params.slices;
  let begin = group.x * perSlice;
  let end = min(begin + perSlice, params.features4);
  let class0 = group.z * CLASS_VEC4S;
  let last = params.classes4 - 1u;

  // Columns are rows of the batch.
  var p0 = mat4x4f();
  var p1 = mat4x4f();
  var p2 = mat4x4f();
  var p3 = mat4x4f();
  for (var f = begin; f < end; f++) {
    let at = row * params.features4 + f;
    let next = params.features4;
    let z = mat4x4f(inputs[at], inputs[at + next], inputs[at + 2u * next], inputs[at + 3u * next]);
    p0 += weights(f, class0) * z;
    if (CLASS_VEC4S > 1u) { p1 += weights(f, min(class0 + 1u, last)) * z; }
    if (CLASS_VEC4S > 2u) { p2 += weights(f, min(class0 + 2u, last)) * z; }
    if (CLASS_VEC4S > 3u) { p3 += weights(f, min(class0 + 3u, last)) * z; }
  }

  let at = (group.x * params.rows + row) * params.classes4 + class0;
  keepPartials(at, p0);
  if (CLASS_VEC4S > 1u && class0 + 1u <= last) { keepPartials(at + 1u, p1); }
  if (CLASS_VEC4S > 2u && class0 + 2u <= last) { keepPartials(at + 2u, p2); }
  if (CLASS_VEC4S > 3u && class0 + 3u <= last) { keepPartials(at + 3u, p3); }
}

fn keepPartials(at: u32, p: mat4x4f) {
  let next = params.classes4;
  partials[at] = p[0];
  partials[at + next] = p[1];
  partials[at + 2u * next] = p[2];
  partials[at + 3u * next] = p[3];
}

// Four features x one class block for each invocation, over all valid rows in order; one more invocation for the bias,
// which is the row of W whose feature is always 1.
@compute @workgroup_size(64)
fn updateHead(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let f = group.x * 64u + lane;
  if (f > params.features4) { return; }
  let isBias = f == params.features4;
  let feature = min(f, params.features4 - 1u);
  let valid = min(params.batch, state.rowCount - state.step * params.batch);
  let class0 = group.y * CLASS_VEC4S;
  let last = params.classes4 - 1u;

  // Columns are features.
  var g0 = mat4x4f();
  var g1 = mat4x4f();
  var g2 = mat4x4f();
  var g3 = mat4x4f();
  for (var row = 0u; row < valid; row++) {
    let z = select(inputs[row * params.features4 + feature], vec4f(1.0, 0.0, 0.0, 0.0), isBias);
    let at = row * params.classes4;
    g0 += outer(gradient[at + class0], z);
    if (CLASS_VEC4S > 1u) { g1 += outer(gradient[at + min(class0 + 1u, last)], z); }
    if (CLASS_VEC4S > 2u) { g2 += outer(gradient[at + min(class0 + 2u, last)], z); }
    if (CLASS_VEC4S > 3u) { g3 += outer(gradient[at + min(class0 + 3u, last)], z); }
  }

  let at = params.weights + f * 4u * params.classes4 + class0;
  applyGradient(at, g0, isBias);
  if (CLASS_VEC4S > 1u && class0 + 1u <= last) { applyGradient(at + 1u, g1, isBias); }
  if (CLASS_VEC4S > 2u && class0 + 2u <= last) { applyGradient(at + 2u, g2, isBias); }
  if (CLASS_VEC4S > 3u && class0 + 3u <= last) { applyGradient(at + 3u, g3, isBias); }
}

fn outer(g: vec4f, z: vec4f) -> mat4x4f {
  return mat4x4f(g * z.x, g * z.y, g * z.z, g * z.w);
}

fn applyGradient(at: u32, g: mat4x4f, isBias: bool) {
  let next = params.classes4;
  applyUpdate(at, g[0]);
  if (isBias) { return; }
  applyUpdate(at + next, g[1]);
  applyUpdate(at + 2u * next, g[2]);
  applyUpdate(at + 3u * next, g[3]);
}

fn applyUpdate(at: u32, g: vec4f) {
  let w = update(at, parameters[at], g, stepSizes[state.step]);
  parameters[at] = w;
  if (anyNotFinite(w)) { atomicMin(&state.fault, state.step); }
}
