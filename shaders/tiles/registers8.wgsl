// A register tile of 8 rows x 8 columns for each invocation, and no barrier: fewer registers and more invocations
// than the tile of 16. Rows are uniform over the workgroup. Every sum runs over k in ascending order with one
// accumulator.

struct Params {
  rows: u32,     // rows of the product
  columns8: u32, // columns of the product / 8, rounded up
  depth: u32,    // length of the sums, a multiple of 8
}

struct State {
  step: u32,
  next: u32,
  rowCount: u32,
  destination: u32,
  fault: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> state: State;

@compute @workgroup_size(64)
fn product(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let column8 = group.x * 64u + lane;
  if (column8 >= params.columns8 || group.y * 8u >= state.rowCount) { return; }
  // The operands are packed in tiles of 16, of which this is one half.
  let rowBase = (group.y / 2u) * params.depth * 4u + group.y % 2u * 2u;
  let columnBase = (column8 / 2u) * params.depth * 4u + column8 % 2u * 2u;

  // Blocks of 4 x 4; columns of a matrix are rows of its block.
  var p00 = mat4x4f(); var p01 = mat4x4f();
  var p10 = mat4x4f(); var p11 = mat4x4f();
  for (var k = 0u; k < params.depth; k += 2u) {
    let r = rowBase + k * 4u;
    let c = columnBase + k * 4u;
    let a0 = leftAt(r); let a1 = leftAt(r + 1u);
    let b0 = leftAt(r + 4u); let b1 = leftAt(r + 5u);
    let u0 = rightAt(c); let u1 = rightAt(c + 1u);
    let v0 = rightAt(c + 4u); let v1 = rightAt(c + 5u);
    p00 = addOuter2(p00, a0, u0, b0, v0); p01 = addOuter2(p01, a0, u1, b0, v1);
    p10 = addOuter2(p10, a1, u0, b1, v0); p11 = addOuter2(p11, a1, u1, b1, v1);
  }

  var blocks = array<mat4x4f, 4>(p00, p01, p10, p11);
  for (var row = 0u; row < 8u; row++) {
    let block = row / 4u * 2u;
    emit(group.y * 8u + row, column8, mat2x4f(blocks[block][row % 4u], blocks[block + 1u][row % 4u]));
  }
}
