// A tile of 128 rows x 128 columns for each workgroup, 8 x 8 for each invocation, with eight steps of k at a time in
// workgroup memory. Every sum runs over k in ascending order with one accumulator.

struct Params {
  rows: u32,     // rows of the product
  columns8: u32, // columns of the product / 8, rounded up
  depth: u32,    // length of the sums, a multiple of 8
  slice: u32,    // length of the part of a sum that a slice takes, a multiple of 8
}

@group(0) @binding(0) var<uniform> params: Params;

var<workgroup> leftSlab: array<vec4f, 256>;  // [8 k][32 quads of rows]
var<workgroup> rightSlab: array<vec4f, 256>; // [8 k][32 quads of columns]

@compute @workgroup_size(256)
fn product(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let begin = group.z * params.slice;
  if (group.y * 128u >= rowLimit() || begin >= params.depth) { return; }
  let end = min(begin + params.slice, params.depth);
  // What this invocation brings: step lane / 32 of the slab, quad lane % 32, which is one of four in a packed tile.
  let step = lane / 32u;
  let tile = lane % 32u / 4u;
  let lastRowTile = (params.rows + 15u) / 16u - 1u;
  let lastColumnTile = (params.columns8 + 1u) / 2u - 1u;
  let rowBase = min(group.y * 8u + tile, lastRowTile) * params.depth * 4u + lane % 4u;
  let columnBase = min(group.x * 8u + tile, lastColumnTile) * params.depth * 4u + lane % 4u;
  let rowPair = lane / 16u * 2u;
  let columnPair = lane % 16u * 2u;

  // Blocks of 4 x 4; columns of a matrix are rows of its block.
  var p00 = mat4x4f(); var p01 = mat4x4f();
  var p10 = mat4x4f(); var p11 = mat4x4f();
  for (var k = begin; k < end; k += 8u) {
    leftSlab[lane] = leftAt(rowBase + (k + step) * 4u);
    rightSlab[lane] = rightAt(columnBase + (k + step) * 4u);
    workgroupBarrier();
    for (var i = 0u; i < 8u; i++) {
      let a0 = leftSlab[i * 32u + rowPair]; let a1 = leftSlab[i * 32u + rowPair + 1u];
      let u0 = rightSlab[i * 32u + columnPair]; let u1 = rightSlab[i * 32u + columnPair + 1u];
      p00 = addOuter(p00, a0, u0); p01 = addOuter(p01, a0, u1);
      p10 = addOuter(p10, a1, u0); p11 = addOuter(p11, a1, u1);
    }
    workgroupBarrier();
  }

  var blocks = array<mat4x4f, 4>(p00, p01, p10, p11);
  for (var row = 0u; row < 8u; row++) {
    let block = row / 4u * 2u;
    let value = mat2x4f(blocks[block][row % 4u], blocks[block + 1u][row % 4u]);
    emit(group.z, group.y * 128u + rowPair * 4u + row, columnPair / 2u + group.x * 16u, value);
  }
}
