// Elementwise activations: y = f(x), and dx = g f'(x), with the slope from y. `activate` and `slope` come from
// activations/*.wgsl.

struct Params {
  rows: u32,
  columns4: u32,  // row length / 4
  outputDim: u32, // values of a row
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> source: array<vec4f>;       // x, or y for the gradient [rows, outputDim]
@group(0) @binding(2) var<storage, read_write> output: array<vec4f>; // y, or dx
@group(0) @binding(3) var<storage, read> gradient: array<vec4f>;     // g = dL/dy

@compute @workgroup_size(64)
fn forward(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let i = linearIndex(group, groups, lane, 64u);
  if (i >= params.rows * params.columns4) { return; }
  // What pads a row stays zero, whatever f(0) is.
  output[i] = inColumns(params.outputDim, i % params.columns4, activate(source[i]));
}

@compute @workgroup_size(64)
fn backward(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let i = linearIndex(group, groups, lane, 64u);
  if (i >= params.rows * params.columns4) { return; }
  output[i] = gradient[i] * slope(source[i]);
}
