// What regularizers add to the loss, l1 sum|w| + l2 sum w^2, in partial sums of a step; and its gradient.
// A partial sum is an invocation's: a barrier would be dear on a software adapter.

struct Regularized {
  first: u32, // in vec4f
  count: u32, // in vec4f
  l1: f32,
  l2: f32,
}

struct Params {
  adding: u32, // so many of the weights, from the first, have their gradients added here
  lanes: u32,  // invocations that work, and partial sums of a step
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
@group(0) @binding(2) var<storage, read> weights: array<Regularized>;
@group(0) @binding(3) var<storage, read> parameters: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> gradients: array<vec4f>;  // as the parameters
@group(0) @binding(5) var<storage, read_write> penalties: array<f32>;    // [steps of the epoch, lanes]

@compute @workgroup_size(64)
fn penalty(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= params.lanes) { return; }
  let step = state.next - 1u; // as the loss before this has set it
  var quad = vec4f();
  for (var k = 0u; k < arrayLength(&weights); k++) {
    let one = weights[k];
    for (var i = id.x; i < one.count; i += params.lanes) {
      let at = one.first + i;
      let w = parameters[at];
      quad += one.l1 * abs(w) + one.l2 * w * w;
      if (k < params.adding) { gradients[at] += one.l1 * sign(w) + 2.0 * one.l2 * w; }
    }
  }
  if (anyNotFinite(quad)) { atomicMin(&state.fault, step); }
  penalties[step * params.lanes + id.x] = quad.x + quad.y + quad.z + quad.w;
}
