// Tiled matrix products of a Dense layer, forward and both gradients. A register tile of 4 x 4 for each invocation;
// every row length is a multiple of 4 and its padding zero, so no product has a ragged edge.

struct Params {
  rows: u32,     // rows of the batch buffers, a multiple of 4
  inputs4: u32,  // row length of X / 4
  outputs4: u32, // row length of Y / 4
  weights: u32,  // where W [inputs, outputs] begins in `weights`, in vec4f; b [outputs] follows W
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> left: array<vec4f>;
@group(0) @binding(2) var<storage, read> right: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> output: array<vec4f>;

// Y = X W + b: left X [rows, inputs], right the weights, output Y [rows, outputs].
@compute @workgroup_size(64)
fn forward(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let i = linearIndex(group, groups, lane, 64u);
  if (i >= params.rows / 4u * params.outputs4) { return; }
  let row = i / params.outputs4 * 4u;
  let column = i % params.outputs4;
  let bias = right[params.weights + params.inputs4 * 4u * params.outputs4 + column];
  var y = mat4x4f(); // columns are rows of Y
  for (var k = 0u; k < params.inputs4; k++) {
    y += rightBlock(params.weights, params.outputs4, k * 4u, column) * leftBlock(params.inputs4, row, k);
  }
  let at = row * params.outputs4 + column;
  output[at] = y[0] + bias;
  output[at + params.outputs4] = y[1] + bias;
  output[at + 2u * params.outputs4] = y[2] + bias;
  output[at + 3u * params.outputs4] = y[3] + bias;
}

// dX = G W': left G [rows, outputs], right the weights, output dX [rows, inputs].
@compute @workgroup_size(64)
fn gradientInput(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let i = linearIndex(group, groups, lane, 64u);
  if (i >= params.rows / 4u * params.inputs4) { return; }
  let row = i / params.inputs4 * 4u;
  let column = i % params.inputs4;
  var x = mat4x4f(); // columns are rows of dX
  for (var k = 0u; k < params.outputs4; k++) {
    x += transpose(rightBlock(params.weights, params.outputs4, column * 4u, k)) * leftBlock(params.outputs4, row, k);
  }
  let at = row * params.inputs4 + column;
  output[at] = x[0];
  output[at + params.inputs4] = x[1];
  output[at + 2u * params.inputs4] = x[2];
  output[at + 3u * params.inputs4] = x[3];
}

// dW = X' G and db = sum of G's rows: left X [rows, inputs], right G [rows, outputs], output the gradients.
@compute @workgroup_size(64)
fn gradientWeights(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let i = linearIndex(group, groups, lane, 64u);
  if (i >= (params.inputs4 + 1u) * params.outputs4) { return; }
  let input = i / params.outputs4;
  let column = i % params.outputs4;
  let at = params.weights + input * 4u * params.outputs4 + column;
  if (input == params.inputs4) {
    var b = vec4f();
    for (var row = 0u; row < params.rows; row++) { b += right[row * params.outputs4 + column]; }
    output[at] = b;
    return;
  }
  var w = mat4x4f(); // columns are rows of dW
  for (var row = 0u; row < params.rows; row += 4u) {
    w += rightBlock(0u, params.outputs4, row, column) * transpose(leftBlock(params.inputs4, row, input));
  }
  output[at] = w[0];
  output[at + params.outputs4] = w[1];
  output[at + 2u * params.outputs4] = w[2];
  output[at + 3u * params.outputs4] = w[3];
}

// Rows row..row+3 of `right`, four columns wide; a column of the matrix is a row of the block.
fn rightBlock(first: u32, width4: u32, row: u32, column4: u32) -> mat4x4f {
  let at = first + row * width4 + column4;
  return mat4x4f(right[at], right[at + width4], right[at + 2u * width4], right[at + 3u * width4]);
}

fn leftBlock(width4: u32, row: u32, column4: u32) -> mat4x4f {
  let at = row * width4 + column4;
  return mat4x4f(left[at], left[at + width4], left[at + 2u * width4], left[at + 3u * width4]);
}
