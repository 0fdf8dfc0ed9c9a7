// A narrow Dense layer as the head of a kernel machine: logits = Z W + b in slices of the features, and dW = Z' G
// fused with the optimizer. Both read the rows of Z where they are kept, through the samples. Classes come in blocks
// of up to 16 (CLASS_QUADS vec4f); the loss stands between the two, in loss.wgsl.
// `loadRow8` comes from rows/*.wgsl, `update` from optimizers/*.wgsl.

override CLASS_QUADS: u32 = 4;
// True where the last quad of the only block holds one or two classes: the others' sums are left out.
override HALF_LAST: bool = false;
// Work of an invocation: quads of rows for the logits, octets of features for the update (1 or 2). A software adapter
// wants it large, since loads are what costs there; a GPU wants many invocations. The sums are the same.
override ROW_QUADS: u32 = 4;
override FEATURE_OCTETS: u32 = 2;
// False where Z is the minibatch itself, row after row.
override THROUGH_SAMPLES: bool = true;

struct Params {
  batch: u32,     // B
  rows: u32,      // rows of the batch buffers: B, rounded up to a multiple of 4
  columns4: u32,  // row length of Z / 4
  first: u32,     // where Z begins in a buffer of floats, in vec4f
  features4: u32, // features / 4, rounded up
  classes4: u32,  // row length of logits and weights / 4
  weights: u32,   // where W begins in the parameters, in vec4f; b follows W
  l1: f32,        // W adds l1 sum|w| + l2 sum w^2 to the loss
  l2: f32,
  biasL1: f32,    // and b
  biasL2: f32,
}

struct State {
  step: u32,
  next: u32,
  rowCount: u32,
  destination: u32,
  fault: atomic<u32>,
}

struct Sample {
  featureRow: u32,
  targetRow: u32,
  weight: f32,
  signed: u32,
}

// A step of the epoch.
struct Step {
  size: f32,      // what multiplies the gradient
  rate: f32,      // weight decay
  average: f32,   // momentum of the averaged weights
  iteration: u32, // optimizer steps before it
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> state: State;
@group(0) @binding(2) var<storage, read> samples: array<Sample>;
@group(0) @binding(3) var<storage, read_write> parameters: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> partials: array<vec4f>;     // [slices, rows, classes4]
@group(0) @binding(5) var<storage, read> gradient: array<vec4f>;           // G [rows, classes4]
@group(0) @binding(6) var<storage, read> stepTable: array<Step>;           // of the epoch

// Where row i of the minibatch lies in Z; rows beyond the last sample repeat it, and count for nothing.
fn rowOf(step: u32, i: u32) -> u32 {
  if (!THROUGH_SAMPLES) { return min(i, params.rows - 1u); }
  return samples[min(step * params.batch + i, state.rowCount - 1u)].featureRow;
}

// One class block of a row's logits.
struct Logits { c0: vec4f, c1: vec4f, c2: vec4f, c3: vec4f }
// One class block of four features' weights, one feature a column.
struct Weights { c0: mat4x4f, c1: mat4x4f, c2: mat4x4f, c3: mat4x4f }

// Features beyond the last meet only zeros.
fn weights(feature4: u32, class0: u32) -> Weights {
  let at = params.weights + feature4 * 4u * params.classes4 + class0;
  let last = params.classes4 - 1u - class0;
  var w: Weights;
  w.c0 = weightQuad(at);
  if (CLASS_QUADS > 1u) { w.c1 = weightQuad(at + min(1u, last)); }
  if (CLASS_QUADS > 2u) { w.c2 = weightQuad(at + min(2u, last)); }
  if (CLASS_QUADS > 3u) { w.c3 = weightQuad(at + min(3u, last)); }
  return w;
}

fn weightQuad(at: u32) -> mat4x4f {
  let next = params.classes4;
  return mat4x4f(parameters[at], parameters[at + next], parameters[at + 2u * next], parameters[at + 3u * next]);
}

// Up to 16 rows x one class block for each invocation. Lanes run over slices of the features, interleaved, so that a
// workgroup reads its rows from one end to the other.
const SLICES: u32 = 32u;

@compute @workgroup_size(32)
fn partialLogits(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = group.x * ROW_QUADS * 4u;
  let class0 = group.y * CLASS_QUADS;
  let step = state.step;
  let r0 = rowOf(step, row); let r1 = rowOf(step, row + 1u);
  let r2 = rowOf(step, row + 2u); let r3 = rowOf(step, row + 3u);
  let r4 = rowOf(step, row + 4u); let r5 = rowOf(step, row + 5u);
  let r6 = rowOf(step, row + 6u); let r7 = rowOf(step, row + 7u);
  let r8 = rowOf(step, row + 8u); let r9 = rowOf(step, row + 9u);
  let r10 = rowOf(step, row + 10u); let r11 = rowOf(step, row + 11u);
  let r12 = rowOf(step, row + 12u); let r13 = rowOf(step, row + 13u);
  let r14 = rowOf(step, row + 14u); let r15 = rowOf(step, row + 15u);

  var p0 = Logits(); var p1 = Logits(); var p2 = Logits(); var p3 = Logits();
  var p4 = Logits(); var p5 = Logits(); var p6 = Logits(); var p7 = Logits();
  var p8 = Logits(); var p9 = Logits(); var p10 = Logits(); var p11 = Logits();
  var p12 = Logits(); var p13 = Logits(); var p14 = Logits(); var p15 = Logits();
  for (var column8 = lane; column8 * 2u < params.features4; column8 += SLICES) {
    let w = weights(column8 * 2u, class0);
    let v = weights(column8 * 2u + 1u, class0);
    p0 = addRow(p0, w, v, loadRow8(r0, column8));
    p1 = addRow(p1, w, v, loadRow8(r1, column8));
    p2 = addRow(p2, w, v, loadRow8(r2, column8));
    p3 = addRow(p3, w, v, loadRow8(r3, column8));
    if (ROW_QUADS > 1u) {
      p4 = addRow(p4, w, v, loadRow8(r4, column8));
      p5 = addRow(p5, w, v, loadRow8(r5, column8));
      p6 = addRow(p6, w, v, loadRow8(r6, column8));
      p7 = addRow(p7, w, v, loadRow8(r7, column8));
    }
    if (ROW_QUADS > 2u) {
      p8 = addRow(p8, w, v, loadRow8(r8, column8));
      p9 = addRow(p9, w, v, loadRow8(r9, column8));
      p10 = addRow(p10, w, v, loadRow8(r10, column8));
      p11 = addRow(p11, w, v, loadRow8(r11, column8));
      p12 = addRow(p12, w, v, loadRow8(r12, column8));
      p13 = addRow(p13, w, v, loadRow8(r13, column8));
      p14 = addRow(p14, w, v, loadRow8(r14, column8));
      p15 = addRow(p15, w, v, loadRow8(r15, column8));
    }
  }

  var p = array<Logits, 16>(p0, p1, p2, p3, p4, p5, p6, p7, p8, p9, p10, p11, p12, p13, p14, p15);
  for (var i = 0u; i < ROW_QUADS * 4u; i++) {
    if (row + i >= params.rows) { return; }
    let at = (lane * params.rows + row + i) * params.classes4 + class0;
    let last = params.classes4 - 1u;
    partials[at] = p[i].c0;
    if (CLASS_QUADS > 1u && class0 + 1u <= last) { partials[at + 1u] = p[i].c1; }
    if (CLASS_QUADS > 2u && class0 + 2u <= last) { partials[at + 2u] = p[i].c2; }
    if (CLASS_QUADS > 3u && class0 + 3u <= last) { partials[at + 3u] = p[i].c3; }
  }
}

// What eight features add to the logits of a row.
fn addRow(p: Logits, w: Weights, v: Weights, z: mat2x4f) -> Logits {
  var sum = p;
  sum.c0 = addQuad(0u, addQuad(0u, p.c0, w.c0, z[0]), v.c0, z[1]);
  if (CLASS_QUADS > 1u) { sum.c1 = addQuad(1u, addQuad(1u, p.c1, w.c1, z[0]), v.c1, z[1]); }
  if (CLASS_QUADS > 2u) { sum.c2 = addQuad(2u, addQuad(2u, p.c2, w.c2, z[0]), v.c2, z[1]); }
  if (CLASS_QUADS > 3u) { sum.c3 = addQuad(3u, addQuad(3u, p.c3, w.c3, z[0]), v.c3, z[1]); }
  return sum;
}

fn isHalf(quad: u32) -> bool {
  return HALF_LAST && quad + 1u == CLASS_QUADS;
}

// What four features add to a quad of classes: sum + w z, one fused multiply-add for each product, in order.
fn addQuad(quad: u32, sum: vec4f, w: mat4x4f, z: vec4f) -> vec4f {
  if (isHalf(quad)) {
    let first = fma(vec2f(z.y), w[1].xy, fma(vec2f(z.x), w[0].xy, sum.xy));
    return vec4f(fma(vec2f(z.w), w[3].xy, fma(vec2f(z.z), w[2].xy, first)), 0.0, 0.0);
  }
  return fma(vec4f(z.w), w[3], fma(vec4f(z.z), w[2], fma(vec4f(z.y), w[1], fma(vec4f(z.x), w[0], sum))));
}

// Up to 16 features x one class block for each invocation, over all valid rows in order, two at a time.
@compute @workgroup_size(64)
fn updateHead(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let step = state.next - 1u;
  if (group.x + group.y + lane == 0u) { state.step = state.next; }
  let invocation = group.x * 64u + lane;
  let column8 = invocation * FEATURE_OCTETS;
  let octets = (params.features4 + 1u) / 2u;
  let class0 = group.y * CLASS_QUADS;
  let valid = min(params.batch, state.rowCount - step * params.batch);
  if (invocation == (octets + FEATURE_OCTETS - 1u) / FEATURE_OCTETS) { updateBias(step, valid, class0); }
  if (column8 >= octets) { return; }
  let second = min(column8 + 1u, octets - 1u);
  let last = params.classes4 - 1u;

  // Quads of features x quads of classes; columns are features.
  var g00 = mat4x4f(); var g01 = mat4x4f(); var g02 = mat4x4f(); var g03 = mat4x4f();
  var g10 = mat4x4f(); var g11 = mat4x4f(); var g12 = mat4x4f(); var g13 = mat4x4f();
  var g20 = mat4x4f(); var g21 = mat4x4f(); var g22 = mat4x4f(); var g23 = mat4x4f();
  var g30 = mat4x4f(); var g31 = mat4x4f(); var g32 = mat4x4f(); var g33 = mat4x4f();
  for (var i = 0u; i < valid; i += 2u) {
    // The gradient of a row that is not valid is zero, and the batch buffers have an even number of rows.
    let r = rowOf(step, i);
    let s = rowOf(step, i + 1u);
    let at = i * params.classes4 + class0;
    let after = at + params.classes4;
    let q0 = gradient[at]; let h0 = gradient[after];
    var q1: vec4f; var h1: vec4f; var q2: vec4f; var h2: vec4f; var q3: vec4f; var h3: vec4f;
    if (CLASS_QUADS > 1u) { q1 = gradient[min(at + 1u, at - class0 + last)]; h1 = gradient[min(after + 1u, after - class0 + last)]; }
    if (CLASS_QUADS > 2u) { q2 = gradient[min(at + 2u, at - class0 + last)]; h2 = gradient[min(after + 2u, after - class0 + last)]; }
    if (CLASS_QUADS > 3u) { q3 = gradient[min(at + 3u, at - class0 + last)]; h3 = gradient[min(after + 3u, after - class0 + last)]; }
    let y = loadRow8(r, column8); let z = loadRow8(s, column8);
    g00 = addRows(0u, g00, y[0], q0, z[0], h0); g10 = addRows(0u, g10, y[1], q0, z[1], h0);
    if (CLASS_QUADS > 1u) { g01 = addRows(1u, g01, y[0], q1, z[0], h1); g11 = addRows(1u, g11, y[1], q1, z[1], h1); }
    if (CLASS_QUADS > 2u) { g02 = addRows(2u, g02, y[0], q2, z[0], h2); g12 = addRows(2u, g12, y[1], q2, z[1], h2); }
    if (CLASS_QUADS > 3u) { g03 = addRows(3u, g03, y[0], q3, z[0], h3); g13 = addRows(3u, g13, y[1], q3, z[1], h3); }
    if (FEATURE_OCTETS > 1u) {
      let c = loadRow8(r, second); let d = loadRow8(s, second);
      g20 = addRows(0u, g20, c[0], q0, d[0], h0); g30 = addRows(0u, g30, c[1], q0, d[1], h0);
      if (CLASS_QUADS > 1u) { g21 = addRows(1u, g21, c[0], q1, d[0], h1); g31 = addRows(1u, g31, c[1], q1, d[1], h1); }
      if (CLASS_QUADS > 2u) { g22 = addRows(2u, g22, c[0], q2, d[0], h2); g32 = addRows(2u, g32, c[1], q2, d[1], h2); }
      if (CLASS_QUADS > 3u) { g23 = addRows(3u, g23, c[0], q3, d[0], h3); g33 = addRows(3u, g33, c[1], q3, d[1], h3); }
    }
  }

  // A loop, so that the optimizer is compiled once.
  var blocks = array<mat4x4f, 16>(g00, g01, g02, g03, g10, g11, g12, g13, g20, g21, g22, g23, g30, g31, g32, g33);
  for (var feature = 0u; feature < FEATURE_OCTETS * 8u; feature++) {
    if (column8 * 2u + feature / 4u >= params.features4) { return; }
    for (var quad = 0u; quad < min(CLASS_QUADS, params.classes4 - class0); quad++) {
      let at = params.weights + (column8 * 8u + feature) * params.classes4 + class0 + quad;
      applyUpdate(step, at, blocks[feature / 4u * 4u + quad][feature % 4u], params.l1, params.l2);
    }
  }
}

// What two rows add to the gradient of four features (the columns) and a quad of classes.
fn addRows(quad: u32, sum: mat4x4f, y: vec4f, q: vec4f, z: vec4f, h: vec4f) -> mat4x4f {
  if (isHalf(quad)) { return addHalf(addHalf(sum, y, q.xy), z, h.xy); }
  return addOuter2(sum, y, q, z, h);
}

fn addHalf(sum: mat4x4f, z: vec4f, q: vec2f) -> mat4x4f {
  return mat4x4f(
    vec4f(fma(vec2f(z.x), q, sum[0].xy), 0.0, 0.0),
    vec4f(fma(vec2f(z.y), q, sum[1].xy), 0.0, 0.0),
    vec4f(fma(vec2f(z.z), q, sum[2].xy), 0.0, 0.0),
    vec4f(fma(vec2f(z.w), q, sum[3].xy), 0.0, 0.0),
  );
}

// The bias is the row of W whose feature is always 1.
fn updateBias(step: u32, valid: u32, class0: u32) {
  for (var quad = class0; quad < min(class0 + CLASS_QUADS, params.classes4); quad++) {
    var sum = vec4f();
    for (var i = 0u; i < valid; i++) { sum += gradient[i * params.classes4 + quad]; }
    applyUpdate(step, params.weights + params.features4 * 4u * params.classes4 + quad, sum, params.biasL1, params.biasL2);
  }
}

fn applyUpdate(step: u32, at: u32, g: vec4f, l1: f32, l2: f32) {
  let now = stepTable[step];
  let before = parameters[at];
  let regularized = g + l1 * sign(before) + 2.0 * l2 * before;
  let w = update(at, before - before * now.rate, regularized, now.size);
  parameters[at] = w;
  if (anyNotFinite(w)) { atomicMin(&state.fault, step); }
}
