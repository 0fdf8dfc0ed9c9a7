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

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> state: State;
@group(0) @binding(2) var<storage, read_write> parameters: array<vec4f>;
@group(0) @binding(3) var<storage, read> gradients: array<vec4f>; // as the parameters
@group(0) @binding(4) var<storage, read> stepSizes: array<f32>;   // one for each step of the epoch

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
  var w = update(at, parameters[at], gradients[at], stepSizes[step]);
  if (anyNotFinite(w)) { atomicMin(&state.fault, step); }
  if (NON_NEGATIVE) { w = max(w, vec4f(0.0)); }
  parameters[at] = w;
}
