// db = sum of the rows of G.

struct Params {
  rows: u32,
  columns4: u32, // row length of G / 4
  first: u32,    // where db begins in the gradients, in vec4f
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> outputGradient: array<vec4f>;       // G [rows, outputs]
@group(0) @binding(2) var<storage, read_write> gradients: array<vec4f>;

// Four outputs for each invocation, all rows in order.
@compute @workgroup_size(64)
fn biasGradient(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let column4 = group.x * 64u + lane;
  if (column4 >= params.columns4) { return; }
  var sum = vec4f();
  for (var row = 0u; row < params.rows; row++) { sum += outputGradient[row * params.columns4 + column4]; }
  gradients[params.first + column4] = sum;
}
