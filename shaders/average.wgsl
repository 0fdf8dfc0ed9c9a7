// An exponential moving average of the weights, behind the optimizer: m average + (1 - m) w, which begins as the
// weights after the first step (m = 0).

struct Params {
  count: u32,          // in vec4f
  overwriteEvery: u32, // optimizer steps after which the weights become their average; 0 for never
}

struct State {
  step: u32,
  next: u32,
  rowCount: u32,
  destination: u32,
  fault: u32,
}

// A step of the epoch.
struct Step {
  size: f32,      // what multiplies the gradient
  rate: f32,      // weight decay
  average: f32,   // momentum of the averaged weights
  iteration: u32, // optimizer steps before it
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> state: State;
@group(0) @binding(2) var<storage, read_write> parameters: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> average: array<vec4f>;     // as the parameters
@group(0) @binding(4) var<storage, read> stepTable: array<Step>;          // of the epoch

@compute @workgroup_size(64)
fn averageWeights(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let i = linearIndex(group, groups, lane, 64u);
  if (i >= params.count) { return; }
  let now = stepTable[state.next - 1u]; // the optimizer has moved `step` on
  let w = parameters[i];
  let mean = w + (average[i] - w) * now.average;
  average[i] = mean;
  if (params.overwriteEvery > 0u && (now.iteration + 1u) % max(params.overwriteEvery, 1u) == 0u) { parameters[i] = mean; }
}
