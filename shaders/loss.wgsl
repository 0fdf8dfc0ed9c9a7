// Per-sample loss, its gradient with respect to the logits, and metrics. `lossGradient` comes from losses/*.wgsl,
// `targetOf` from targets/*.wgsl, `metric` from metrics.wgsl. The batch's loss is sum(weighted losses) / number of
// samples; the sums are left to the reader of `outcomes`.

struct Params {
  batch: u32,   // B
  rows: u32,    // rows of the batch buffers: B, rounded up to a multiple of 4
  classes: u32, // C
  stride: u32,  // row length of logits, gradient and targets
  slices: u32,  // slices of the partial logits
  bias: u32,    // where b begins in the parameters, in vec4f
  targetRows: u32, // rows of the targets
  constant: f32, // the loss's own: delta, epsilon or label smoothing
}

struct State {
  step: u32,
  next: u32,
  rowCount: u32,
  destination: u32,
  fault: atomic<u32>,
}

struct Sample {
  featureRow: u32,
  targetRow: u32,
  weight: f32,
  signed: u32, // 1 where every target of the minibatch is 0 or 1, so that a hinge takes 2 y - 1
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> state: State;
@group(0) @binding(2) var<storage, read> samples: array<Sample>;
@group(0) @binding(3) var<storage, read_write> logits: array<f32>;    // [rows, stride]
@group(0) @binding(4) var<storage, read_write> gradient: array<f32>;  // [rows, stride]
@group(0) @binding(5) var<storage, read_write> outcomes: array<f32>;  // weighted loss, metrics [rows of the epoch, 1 + METRICS]
@group(0) @binding(6) var<storage, read> partials: array<vec4f>;      // [slices, rows, stride / 4]
@group(0) @binding(7) var<storage, read> parameters: array<vec4f>;

fn logit(i: u32, c: u32) -> f32 {
  return logits[i * params.stride + c];
}

fn setGradient(i: u32, c: u32, g: f32) {
  gradient[i * params.stride + c] = g;
}

@compute @workgroup_size(32)
fn loss(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  finishRow(group.x * 32u + lane);
}

// The same after adding up the slices of svm_head.wgsl, in order, and the bias.
@compute @workgroup_size(32)
fn lossFromPartials(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = group.x * 32u + lane;
  if (i >= params.rows) { return; }
  let classes4 = params.stride / 4u;
  for (var c4 = 0u; c4 < classes4; c4++) {
    var sum = parameters[params.bias + c4];
    for (var slice = 0u; slice < params.slices; slice++) {
      sum += partials[(slice * params.rows + i) * classes4 + c4];
    }
    let at = i * params.stride + c4 * 4u;
    logits[at] = sum.x;
    logits[at + 1u] = sum.y;
    logits[at + 2u] = sum.z;
    logits[at + 3u] = sum.w;
  }
  finishRow(i);
}

fn finishRow(i: u32) {
  // The optimizer behind this dispatch knows the step by `next` alone, and moves the state on.
  if (i == 0u) { state.next = state.step + 1u; }
  if (i >= params.rows) { return; }
  let first = state.step * params.batch;
  let valid = min(params.batch, state.rowCount - first);
  if (i >= valid) {
    for (var c = 0u; c < params.classes; c++) { setGradient(i, c, 0.0); }
    return;
  }
  let sample = samples[first + i];
  let value = lossGradient(i, sample.targetRow, sample.weight / f32(valid), sample.signed == 1u);

  // An infinite loss from finite logits is a fault too.
  if (anyNotFinite(vec4f(value * sample.weight))) { atomicMin(&state.fault, state.step); }

  for (var c = 0u; c < params.classes; c++) {
    if (anyNotFinite(vec4f(logit(i, c)))) { atomicMin(&state.fault, state.step); }
  }
  let at = (first + i) * (1u + METRICS);
  outcomes[at] = value * sample.weight;
  for (var m = 0u; m < METRICS; m++) { outcomes[at + 1u + m] = metric(m, i, sample.targetRow, sample.signed == 1u); }
}
