// A narrow Dense layer as the head of a kernel machine: logits = Z W + b in slices of the features, and dW = Z' G
// fused with the optimizer. Both read the rows of Z where they are kept, through the samples. Classes come in blocks
// of up to 16 (CLASS_QUADS vec4f); the loss stands between the two, in loss.wgsl.
// `loadRow8` comes from rows/*.wgsl, `update` from optimizers/*.wgsl.

override CLASS_QUADS: u32 = 4;
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
  features4: u32, // features / 4, rounded up
  classes4: u32,  // row length of logits and weights / 4
  weights: u32,   // where W begins in the parameters, in vec4f; b follows W
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

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> state: State;
@group(0) @binding(2) var<storage, read> samples: array<Sample>;
@group(0) @binding(3) var<storage, read_write> parameters: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> partials: array<vec4f>;     // [slices, rows, classes4]
@group(0) @binding(5) var<storage, read> gradient: array<vec4f>;           // G [rows, classes4]
@group(0) @binding(6) var<storage, read> stepSizes: array<f32>;            // one for each step of the epoch

// Where row i of the minibatch lies in Z; rows beyond the last sample repeat it, and count for nothing.
fn rowOf(step: u32, i: u32) -> u32 {
  if (!THROUGH_SAMPLES) { return i; }
  return samples[min(step * params.batch + i, state.rowCount - 1u)].featureRow;
}

// Four features x four classes of W, one feature a column; those beyond the last feature meet only zeros.
fn weights(feature4: u32, class4: u32) -> mat4x4f {
  let next = params.classes4;
  let at = params.weights + feature4 * 4u * next + min(class4, next - 1u);
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

  // Quads of rows x quads of classes; columns are rows of the batch.
  var p00 = mat4x4f(); var p01 = mat4x4f(); var p02 = mat4x4f(); var p03 = mat4x4f();
  var p10 = mat4x4f(); var p11 = mat4x4f(); var p12 = mat4x4f(); var p13 = mat4x4f();
  var p20 = mat4x4f(); var p21 = mat4x4f(); var p22 = mat4x4f(); var p23 = mat4x4f();
  var p30 = mat4x4f(); var p31 = mat4x4f(); var p32 = mat4x4f(); var p33 = mat4x4f();
  for (var column8 = lane; column8 * 2u < params.features4; column8 += SLICES) {
    let w0 = weights(column8 * 2u, class0); let v0 = weights(column8 * 2u + 1u, class0);
    var w1: mat4x4f; var v1: mat4x4f; var w2: mat4x4f; var v2: mat4x4f; var w3: mat4x4f; var v3: mat4x4f;
    if (CLASS_QUADS > 1u) { w1 = weights(column8 * 2u, class0 + 1u); v1 = weights(column8 * 2u + 1u, class0 + 1u); }
    if (CLASS_QUADS > 2u) { w2 = weights(column8 * 2u, class0 + 2u); v2 = weights(column8 * 2u + 1u, class0 + 2u); }
    if (CLASS_QUADS > 3u) { w3 = weights(column8 * 2u, class0 + 3u); v3 = weights(column8 * 2u + 1u, class0 + 3u); }
    let a = loadQuad(r0, r1, r2, r3, column8);
    p00 = addOctets(p00, w0, v0, a);
    if (CLASS_QUADS > 1u) { p01 = addOctets(p01, w1, v1, a); }
    if (CLASS_QUADS > 2u) { p02 = addOctets(p02, w2, v2, a); }
    if (CLASS_QUADS > 3u) { p03 = addOctets(p03, w3, v3, a); }
    if (ROW_QUADS > 1u) {
      let b = loadQuad(r4, r5, r6, r7, column8);
      p10 = addOctets(p10, w0, v0, b);
      if (CLASS_QUADS > 1u) { p11 = addOctets(p11, w1, v1, b); }
      if (CLASS_QUADS > 2u) { p12 = addOctets(p12, w2, v2, b); }
      if (CLASS_QUADS > 3u) { p13 = addOctets(p13, w3, v3, b); }
    }
    if (ROW_QUADS > 2u) {
      let c = loadQuad(r8, r9, r10, r11, column8);
      p20 = addOctets(p20, w0, v0, c);
      if (CLASS_QUADS > 1u) { p21 = addOctets(p21, w1, v1, c); }
      if (CLASS_QUADS > 2u) { p22 = addOctets(p22, w2, v2, c); }
      if (CLASS_QUADS > 3u) { p23 = addOctets(p23, w3, v3, c); }
      let d = loadQuad(r12, r13, r14, r15, column8);
      p30 = addOctets(p30, w0, v0, d);
      if (CLASS_QUADS > 1u) { p31 = addOctets(p31, w1, v1, d); }
      if (CLASS_QUADS > 2u) { p32 = addOctets(p32, w2, v2, d); }
      if (CLASS_QUADS > 3u) { p33 = addOctets(p33, w3, v3, d); }
    }
  }

  keepPartials(lane, row, class0, p00, p01, p02, p03);
  if (ROW_QUADS > 1u) { keepPartials(lane, row + 4u, class0, p10, p11, p12, p13); }
  if (ROW_QUADS > 2u) {
    keepPartials(lane, row + 8u, class0, p20, p21, p22, p23);
    keepPartials(lane, row + 12u, class0, p30, p31, p32, p33);
  }
}

// Eight columns of four rows.
struct RowQuad {
  low: mat4x4f, // columns are rows of the batch
  high: mat4x4f,
}

fn loadQuad(r0: u32, r1: u32, r2: u32, r3: u32, column8: u32) -> RowQuad {
  let z0 = loadRow8(r0, column8); let z1 = loadRow8(r1, column8);
  let z2 = loadRow8(r2, column8); let z3 = loadRow8(r3, column8);
  return RowQuad(mat4x4f(z0[0], z1[0], z2[0], z3[0]), mat4x4f(z0[1], z1[1], z2[1], z3[1]));
}

fn addOctets(p: mat4x4f, w: mat4x4f, v: mat4x4f, z: RowQuad) -> mat4x4f {
  return addProduct(addProduct(p, w, z.low), v, z.high);
}

fn keepPartials(slice: u32, row: u32, class0: u32, p0: mat4x4f, p1: mat4x4f, p2: mat4x4f, p3: mat4x4f) {
  if (row >= params.rows) { return; }
  var p = array<mat4x4f, 4>(p0, p1, p2, p3);
  let quads = min(CLASS_QUADS, params.classes4 - class0);
  for (var i = 0u; i < 4u; i++) {
    for (var quad = 0u; quad < quads; quad++) {
      partials[(slice * params.rows + row + i) * params.classes4 + class0 + quad] = p[quad][i];
    }
  }
}

// Up to 16 features x one class block for each invocation, over all valid rows in order, two at a time.
@compute @workgroup_size(32)
fn updateHead(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let step = state.next - 1u;
  if (group.x + group.y + lane == 0u) { state.step = state.next; }
  let invocation = group.x * 32u + lane;
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
    g00 = addOuter2(g00, y[0], q0, z[0], h0); g10 = addOuter2(g10, y[1], q0, z[1], h0);
    if (CLASS_QUADS > 1u) { g01 = addOuter2(g01, y[0], q1, z[0], h1); g11 = addOuter2(g11, y[1], q1, z[1], h1); }
    if (CLASS_QUADS > 2u) { g02 = addOuter2(g02, y[0], q2, z[0], h2); g12 = addOuter2(g12, y[1], q2, z[1], h2); }
    if (CLASS_QUADS > 3u) { g03 = addOuter2(g03, y[0], q3, z[0], h3); g13 = addOuter2(g13, y[1], q3, z[1], h3); }
    if (FEATURE_OCTETS > 1u) {
      let c = loadRow8(r, second); let d = loadRow8(s, second);
      g20 = addOuter2(g20, c[0], q0, d[0], h0); g30 = addOuter2(g30, c[1], q0, d[1], h0);
      if (CLASS_QUADS > 1u) { g21 = addOuter2(g21, c[0], q1, d[0], h1); g31 = addOuter2(g31, c[1], q1, d[1], h1); }
      if (CLASS_QUADS > 2u) { g22 = addOuter2(g22, c[0], q2, d[0], h2); g32 = addOuter2(g32, c[1], q2, d[1], h2); }
      if (CLASS_QUADS > 3u) { g23 = addOuter2(g23, c[0], q3, d[0], h3); g33 = addOuter2(g33, c[1], q3, d[1], h3); }
    }
  }

  // A loop, so that the optimizer is compiled once.
  var blocks = array<mat4x4f, 16>(g00, g01, g02, g03, g10, g11, g12, g13, g20, g21, g22, g23, g30, g31, g32, g33);
  for (var feature = 0u; feature < FEATURE_OCTETS * 8u; feature++) {
    if (column8 * 2u + feature / 4u >= params.features4) { return; }
    for (var quad = 0u; quad < min(CLASS_QUADS, params.classes4 - class0); quad++) {
      let at = params.weights + (column8 * 8u + feature) * params.classes4 + class0 + quad;
      applyUpdate(step, at, blocks[feature / 4u * 4u + quad][feature % 4u]);
    }
  }
}

// The bias is the row of W whose feature is always 1.
fn updateBias(step: u32, valid: u32, class0: u32) {
  for (var quad = class0; quad < min(class0 + CLASS_QUADS, params.classes4); quad++) {
    var sum = vec4f();
    for (var i = 0u; i < valid; i++) { sum += gradient[i * params.classes4 + quad]; }
    applyUpdate(step, params.weights + params.features4 * 4u * params.classes4 + quad, sum);
  }
}

fn applyUpdate(step: u32, at: u32, g: vec4f) {
  let w = update(at, parameters[at], g, stepSizes[step]);
  parameters[at] = w;
  if (anyNotFinite(w)) { atomicMin(&state.fault, step); }
}
