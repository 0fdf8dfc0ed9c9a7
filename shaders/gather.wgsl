// Rows from where they are kept to where a kernel wants them. `loadRow8` comes from rows/*.wgsl, `store8` from
// stores/*.wgsl.

struct Params {
  rows: u32,     // rows of the source
  batch: u32,    // rows of a step, for gatherRows
  columns4: u32, // row length of the source / 4
  first: u32,    // where the rows begin in a buffer of floats, in vec4f
  depth: u32,    // row length of a packed operand, a multiple of 8
  unit: f32,     // value of one count of a source of bytes
}

struct State {
  step: u32,
  next: u32,
  rowCount: u32,
  destination: u32,
  fault: u32,
}

struct Sample {
  featureRow: u32,
  targetRow: u32,
  weight: f32,
  signed: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> state: State;
@group(0) @binding(2) var<storage, read> samples: array<Sample>;

// The rows of this step's minibatch, in the order of the samples.
// Rows beyond the last sample repeat it; their gradients are zero.
@compute @workgroup_size(64)
fn gatherRows(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let column8 = group.x * 64u + lane;
  if (column8 * 2u >= params.columns4) { return; }
  let row = rowOf(group);
  if (row >= params.rows) { return; }
  let sample = min(state.step * params.batch + row, state.rowCount - 1u);
  store8(row, column8, loadRow8(samples[sample].featureRow, column8));
}

// The first rows of the source to `destination`, as they are.
@compute @workgroup_size(64)
fn keepRows(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let column8 = group.x * 64u + lane;
  let row = rowOf(group);
  if (column8 * 2u >= params.columns4 || row >= min(params.rows, state.rowCount)) { return; }
  store8(state.destination + row, column8, loadRow8(row, column8));
}

// Rows are laid over y and z, since a dimension has 65,535 workgroups.
fn rowOf(group: vec3u) -> u32 {
  return group.z * 65535u + group.y;
}

// The rows as the packed operand of a product whose sums run along them: [rows/16][depth][16], so that a tile is read
// without a stride; rows beyond the last are zero. One invocation transposes 8 rows x 8 columns.
@compute @workgroup_size(64)
fn packRows(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let column8 = group.x * 64u + lane;
  if (column8 * 8u >= params.depth) { return; }
  let row = rowOf(group) * 8u;
  if (row >= (params.rows + 15u) / 16u * 16u) { return; }
  let r0 = load(row, column8); let r1 = load(row + 1u, column8);
  let r2 = load(row + 2u, column8); let r3 = load(row + 3u, column8);
  let r4 = load(row + 4u, column8); let r5 = load(row + 5u, column8);
  let r6 = load(row + 6u, column8); let r7 = load(row + 7u, column8);
  let at = (row / 16u) * params.depth + column8 * 8u;
  storeQuad(at, row, transpose(mat4x4f(r0[0], r1[0], r2[0], r3[0])), transpose(mat4x4f(r4[0], r5[0], r6[0], r7[0])));
  storeQuad(at + 4u, row, transpose(mat4x4f(r0[1], r1[1], r2[1], r3[1])), transpose(mat4x4f(r4[1], r5[1], r6[1], r7[1])));
}

// The columns as the packed operand of a product whose sums run down them: [columns/16][depth][16].
// Rows beyond the last are zero.
@compute @workgroup_size(64)
fn packColumns(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let column8 = group.x * 64u + lane;
  let row = rowOf(group);
  if (column8 >= (params.columns4 + 3u) / 4u * 2u || row >= params.depth) { return; }
  var value = mat2x4f();
  if (row < params.rows && column8 * 2u < params.columns4) { value = loadRow8(row, column8); }
  store8(column8 / 2u * params.depth + row, column8 % 2u, value);
}

fn load(row: u32, column8: u32) -> mat2x4f {
  let value = loadRow8(min(row, params.rows - 1u), column8);
  if (row >= params.rows) { return mat2x4f(); }
  return value;
}

// Four columns of eight rows, one column after the other.
fn storeQuad(at: u32, row: u32, a: mat4x4f, b: mat4x4f) {
  let half = row / 8u % 2u;
  store8(at, half, mat2x4f(a[0], b[0]));
  store8(at + 1u, half, mat2x4f(a[1], b[1]));
  store8(at + 2u, half, mat2x4f(a[2], b[2]));
  store8(at + 3u, half, mat2x4f(a[3], b[3]));
}
