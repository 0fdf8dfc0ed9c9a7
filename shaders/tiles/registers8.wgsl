// A register tile of 8 rows x 8 columns for each invocation, and no barrier: fewer registers and more invocations
// than the tile of 16. Every sum runs over k in ascending order with one accumulator.

override LANES: u32 = 0; // what the lanes of a workgroup lie over: 0 tiles of columns, 1 tiles of rows, 2 slices

struct Params {
  rows: u32,     // rows of the product
  columns8: u32, // columns of the product / 8, rounded up
  depth: u32,    // length of the sums, a multiple of 8
  slice: u32,    // length of the part of a sum that a slice takes, a multiple of 8
}

@group(0) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(64)
fn product(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let over = group.x * 64u + lane;
  var row8 = group.y;
  var column8 = over;
  var slice = 0u;
  if (LANES == 1u) { row8 = over; column8 = group.y; }
  if (LANES == 2u) { slice = over; column8 = group.z; }
  let begin = slice * params.slice;
  if (column8 >= params.columns8 || row8 * 8u >= rowLimit() || begin >= params.depth) { return; }
  let end = min(begin + params.slice, params.depth);
  // The operands are packed in tiles of 16, of which this is one half.
  let rowBase = (row8 / 2u) * params.depth * 4u + row8 % 2u * 2u;
  let columnBase = (column8 / 2u) * params.depth * 4u + column8 % 2u * 2u;

  // Blocks of 4 x 4; columns of a matrix are rows of its block.
  var p00 = mat4x4f(); var p01 = mat4x4f();
  var p10 = mat4x4f(); var p11 = mat4x4f();
  for (var k = begin; k < end; k += 2u) {
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
    emit(slice, row8 * 8u + row, column8, mat2x4f(blocks[block][row % 4u], blocks[block + 1u][row % 4u]));
  }
}
