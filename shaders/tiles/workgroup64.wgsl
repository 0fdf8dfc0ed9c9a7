// A tile of 64 rows x 64 columns for each workgroup, 4 x 8 for each invocation, with eight steps of k at a time in
// workgroup memory. Every sum runs over k in ascending order with one accumulator.

struct Params {
  rows: u32,     // rows of the product
  columns8: u32, // columns of the product / 8, rounded up
  depth: u32,    // length of the sums, a multiple of 8
  slice: u32,    // length of the part of a sum that a slice takes, a multiple of 8
}

@group(0) @binding(0) var<uniform> params: Params;

var<workgroup> leftSlab: array<vec4f, 128>;  // [8 k][16 quads of rows]
var<workgroup> rightSlab: array<vec4f, 128>; // [8 k][16 quads of columns]

@compute @workgroup_size(128)
fn product(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let begin = group.z * params.slice;
  if (group.y * 64u >= rowLimit() || begin >= params.depth) { return; }
  let end = min(begin + params.slice, params.depth);
  // What this invocation brings: step lane / 16 of the slab, quad lane % 16, which is one of four in a packed tile.
  let step = lane / 16u;
  let tile = lane % 16u / 4u;
  let lastRowTile = (params.rows + 15u) / 16u - 1u;
  let lastColumnTile = (params.columns8 + 1u) / 2u - 1u;
  let rowBase = min(group.y * 4u + tile, lastRowTile) * params.depth * 4u + lane % 4u;
  let columnBase = min(group.x * 4u + tile, lastColumnTile) * params.depth * 4u + lane % 4u;
  let rowQuad = lane / 8u;
  let octet = lane % 8u;

  var p0 = mat4x4f(); var p1 = mat4x4f(); // columns are rows of the block
  for (var k = begin; k < end; k += 8u) {
    leftSlab[lane] = leftAt(rowBase + (k + step) * 4u);
    rightSlab[lane] = rightAt(columnBase + (k + step) * 4u);
    workgroupBarrier();
    for (var i = 0u; i < 8u; i++) {
      let a = leftSlab[i * 16u + rowQuad];
      p0 = addOuter(p0, a, rightSlab[i * 16u + octet * 2u]);
      p1 = addOuter(p1, a, rightSlab[i * 16u + octet * 2u + 1u]);
    }
    workgroupBarrier();
  }

  let row = group.y * 64u + rowQuad * 4u;
  let column8 = group.x * 8u + octet;
  emit(group.z, row, column8, mat2x4f(p0[0], p1[0]));
  emit(group.z, row + 1u, column8, mat2x4f(p0[1], p1[1]));
  emit(group.z, row + 2u, column8, mat2x4f(p0[2], p1[2]));
  emit(group.z, row + 3u, column8, mat2x4f(p0[3], p1[3]));
}
