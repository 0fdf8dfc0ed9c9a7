// Clipping of gradients, as Keras does it: values to a range, or all values of a range of the block to a common norm.
// A norm is summed up in two levels, in a fixed order: by each invocation, then over the invocations. A barrier would be
// dear on a software adapter.

struct Params {
  first: u32,  // in vec4f
  count: u32,  // in vec4f
  groups: u32, // workgroups that add up the squares
  limit: f32,
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
@group(0) @binding(2) var<storage, read_write> gradients: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> squares: array<f32>;      // [groups, 64]

@compute @workgroup_size(64)
fn clipValue(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let i = linearIndex(group, groups, lane, 64u);
  if (i >= params.count) { return; }
  let g = gradients[params.first + i];
  // A clamp could make a number of what is none.
  if (anyNotFinite(g)) { atomicMin(&state.fault, state.next - 1u); }
  gradients[params.first + i] = clamp(g, vec4f(-params.limit), vec4f(params.limit));
}

@compute @workgroup_size(64)
fn sumSquares(@builtin(global_invocation_id) id: vec3u) {
  var sum = 0.0;
  for (var i = id.x; i < params.count; i += params.groups * 64u) {
    let g = gradients[params.first + i];
    sum += dot(g, g);
  }
  squares[id.x] = sum;
}

@compute @workgroup_size(64)
fn clipNorm(@builtin(global_invocation_id) id: vec3u) {
  var sum = 0.0;
  for (var i = 0u; i < params.groups * 64u; i++) { sum += squares[i]; }
  // The squares of a gradient that is not finite, or of one that is far too large.
  if (anyNotFinite(vec4f(sum))) { atomicMin(&state.fault, state.next - 1u); }
  let norm = sqrt(sum);
  if (norm <= params.limit) { return; }
  for (var i = id.x; i < params.count; i += params.groups * 64u) {
    gradients[params.first + i] *= params.limit / norm;
  }
}
