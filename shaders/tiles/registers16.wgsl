// A register tile of 16 rows x 16 columns for each invocation, and no barrier: both operands lie packed, so that an
// invocation reads 4 + 4 consecutive vec4f for 256 multiply-adds.
// Two steps of k at a time; every sum runs over k in ascending order with one accumulator.

override LANES: u32 = 0; // what the lanes of a workgroup lie over: 0 tiles of columns, 1 tiles of rows, 2 slices

struct Params {
  rows: u32,     // rows of the product
  columns8: u32, // columns of the product / 8, rounded up
  depth: u32,    // length of the sums, even
  slice: u32,    // length of the part of a sum that a slice takes, even
}

@group(0) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(32)
fn product(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let over = group.x * 32u + lane;
  var rowTile = group.y;
  var columnTile = over;
  var slice = 0u;
  if (LANES == 1u) { rowTile = over; columnTile = group.y; }
  if (LANES == 2u) { slice = over; columnTile = group.z; }
  let begin = slice * params.slice;
  if (columnTile * 2u >= params.columns8 || rowTile * 16u >= rowLimit() || begin >= params.depth) { return; }
  let end = min(begin + params.slice, params.depth);
  let rowBase = rowTile * params.depth * 4u;
  let columnBase = columnTile * params.depth * 4u;

  // Blocks of 4 x 4; columns of a matrix are rows of its block.
  var p00 = mat4x4f(); var p01 = mat4x4f(); var p02 = mat4x4f(); var p03 = mat4x4f();
  var p10 = mat4x4f(); var p11 = mat4x4f(); var p12 = mat4x4f(); var p13 = mat4x4f();
  var p20 = mat4x4f(); var p21 = mat4x4f(); var p22 = mat4x4f(); var p23 = mat4x4f();
  var p30 = mat4x4f(); var p31 = mat4x4f(); var p32 = mat4x4f(); var p33 = mat4x4f();

  for (var k = begin; k < end; k += 2u) {
    let r = rowBase + k * 4u;
    let c = columnBase + k * 4u;
    let a0 = leftAt(r); let a1 = leftAt(r + 1u); let a2 = leftAt(r + 2u); let a3 = leftAt(r + 3u);
    let b0 = leftAt(r + 4u); let b1 = leftAt(r + 5u); let b2 = leftAt(r + 6u); let b3 = leftAt(r + 7u);
    let u0 = rightAt(c); let u1 = rightAt(c + 1u); let u2 = rightAt(c + 2u); let u3 = rightAt(c + 3u);
    let v0 = rightAt(c + 4u); let v1 = rightAt(c + 5u); let v2 = rightAt(c + 6u); let v3 = rightAt(c + 7u);
    p00 = addOuter2(p00, a0, u0, b0, v0); p01 = addOuter2(p01, a0, u1, b0, v1);
    p02 = addOuter2(p02, a0, u2, b0, v2); p03 = addOuter2(p03, a0, u3, b0, v3);
    p10 = addOuter2(p10, a1, u0, b1, v0); p11 = addOuter2(p11, a1, u1, b1, v1);
    p12 = addOuter2(p12, a1, u2, b1, v2); p13 = addOuter2(p13, a1, u3, b1, v3);
    p20 = addOuter2(p20, a2, u0, b2, v0); p21 = addOuter2(p21, a2, u1, b2, v1);
    p22 = addOuter2(p22, a2, u2, b2, v2); p23 = addOuter2(p23, a2, u3, b2, v3);
    p30 = addOuter2(p30, a3, u0, b3, v0); p31 = addOuter2(p31, a3, u1, b3, v1);
    p32 = addOuter2(p32, a3, u2, b3, v2); p33 = addOuter2(p33, a3, u3, b3, v3);
  }

  // A loop, so that the epilogue is compiled once.
  var blocks = array<mat4x4f, 16>(p00, p01, p02, p03, p10, p11, p12, p13, p20, p21, p22, p23, p30, p31, p32, p33);
  for (var row = 0u; row < 16u; row++) {
    for (var half = 0u; half < 2u; half++) {
      let block = row / 4u * 4u + half * 2u;
      let value = mat2x4f(blocks[block][row % 4u], blocks[block + 1u][row % 4u]);
      emit(slice, rowTile * 16u + row, columnTile * 2u + half, value);
    }
  }
}
