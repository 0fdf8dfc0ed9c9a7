// z = cos(p / s + b) and its gradients, where the scale s trains or a gradient has to pass to the layers below.
//   dp = -g sin(z) / s       ds = sum(g sin(z) p) / s^2

struct Params {
  rows: u32,      // rows of the batch buffers, a multiple of 4
  columns4: u32,  // row length / 4
  outputDim: u32, // D
  scale: u32,     // where s stands in `scales`, in vec4f (first component)
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> projections: array<vec4f>;          // p [rows, D]
@group(0) @binding(2) var<storage, read> biasTurns: array<vec4f>;            // b / (2 pi) [D]
@group(0) @binding(3) var<storage, read> scales: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> output: array<vec4f>;         // z, or dp [rows, D]
@group(0) @binding(5) var<storage, read> gradient: array<vec4f>;             // g = dL/dz [rows, D]
@group(0) @binding(6) var<storage, read_write> scalePartials: array<vec4f>;  // [columns4]

@compute @workgroup_size(64)
fn cosineForward(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let column4 = group.x * 64u + lane;
  let row = group.z * 65535u + group.y; // rows are laid over y and z
  if (column4 >= params.columns4 || row >= params.rows) { return; }
  let at = row * params.columns4 + column4;
  let turnsPerUnit = 1.0 / (TURN * scales[params.scale].x);
  output[at] = inColumns(params.outputDim, column4, cosTurns(projections[at] * turnsPerUnit + biasTurns[column4]));
}

// Four columns for each invocation, all rows in order.
@compute @workgroup_size(64)
fn cosineBackward(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let column4 = group.x * 64u + lane;
  if (column4 >= params.columns4) { return; }
  let s = scales[params.scale].x;
  let turnsPerUnit = 1.0 / (TURN * s);
  var sum = vec4f();
  for (var row = 0u; row < params.rows; row++) {
    let at = row * params.columns4 + column4;
    let p = projections[at];
    let g = inColumns(params.outputDim, column4, gradient[at] * sinTurns(p * turnsPerUnit + biasTurns[column4]));
    output[at] = -g / s;
    sum += g * p;
  }
  scalePartials[column4] = sum / (s * s);
}

// ds in the first component of `output[scale]`; one invocation, columns in order.
@compute @workgroup_size(1)
fn scaleGradient() {
  var sum = vec4f();
  for (var i = 0u; i < params.columns4; i++) { sum += scalePartials[i]; }
  output[params.scale] = vec4f(dot(sum, vec4f(1.0)), 0.0, 0.0, 0.0);
}
