// Adam with AMSGrad as Keras computes it: the largest v so far, not bias-corrected, takes v's place in the root.

struct Hyper {
  oneMinusBeta1: f32,
  oneMinusBeta2: f32,
  epsilon: f32,
}

@group(2) @binding(0) var<uniform> hyper: Hyper;
@group(2) @binding(1) var<storage, read_write> slot0: array<vec4f>; // m
@group(2) @binding(2) var<storage, read_write> slot1: array<vec4f>; // v
@group(2) @binding(3) var<storage, read_write> slot2: array<vec4f>; // largest v

fn update(i: u32, w: vec4f, g: vec4f, stepSize: f32) -> vec4f {
  let m = slot0[i] + (g - slot0[i]) * hyper.oneMinusBeta1;
  let v = slot1[i] + (g * g - slot1[i]) * hyper.oneMinusBeta2;
  let vHat = max(slot2[i], v);
  slot0[i] = m;
  slot1[i] = v;
  slot2[i] = vHat;
  return w - m * stepSize / (sqrt(vHat) + hyper.epsilon);
}
