// The optimizer over a range of the parameters, from gradients in a buffer. `update` comes from optimizers/*.wgsl.

// Keras' NonNeg constraint, applied after the update.
override NON_NEGATIVE: bool = false;

struct Params {
  first: u32, // in vec4f
  count: u32, // in vec4f
}

struct State {
  step: u32,
  next: u32,
  rowCount: u32,
  destination: u32,
  fault: atomic<u32>,
}

// A step of the epoch.
struct Step {
  size: f32,      // what multiplies the gradient
  rate: f32,      // weight decay
  average: f32,   // momentum of the averaged weights
  iteration: u32, // optimizer steps before it
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> state: State;
@group(0) @binding(2) var<storage, read_write> parameters: array<vec4f>;
@group(0) @binding(3) var<storage, read> gradients: array<vec4f>; // as the parameters
@group(0) @binding(4) var<storage, read> stepTable: array<Step>;  // of the epoch

@compute @workgroup_size(64)
fn optimize(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let i = linearIndex(group, groups, lane, 64u);
  if (i == 0u) { state.step = state.next; }
  if (i >= params.count) { return; }
  let step = state.next - 1u;
  let at = params.first + i;
  let now = stepTable[step];
  let before = parameters[at];
  var w = update(at, before - before * now.rate, gradients[at], now.size);
  if (anyNotFinite(w)) { atomicMin(&state.fault, step); }
  if (NON_NEGATIVE) { w = max(w, vec4f(0.0)); }
  parameters[at] = w;
}
