// Adam as Keras computes it: epsilon stands beside sqrt(v), not beside the bias-corrected root.
// The step size is lr sqrt(1 - beta2^t) / (1 - beta1^t), computed in float64 for every step.

struct Hyper {
  oneMinusBeta1: f32,
  oneMinusBeta2: f32,
  epsilon: f32,
}

@group(2) @binding(0) var<uniform> hyper: Hyper;
@group(2) @binding(1) var<storage, read_write> slot0: array<vec4f>; // m
@group(2) @binding(2) var<storage, read_write> slot1: array<vec4f>; // v

fn update(i: u32, w: vec4f, g: vec4f, stepSize: f32) -> vec4f {
  let m = slot0[i] + (g - slot0[i]) * hyper.oneMinusBeta1;
  let v = slot1[i] + (g * g - slot1[i]) * hyper.oneMinusBeta2;
  slot0[i] = m;
  slot1[i] = v;
  return w - m * stepSize / (sqrt(v) + hyper.epsilon);
}
