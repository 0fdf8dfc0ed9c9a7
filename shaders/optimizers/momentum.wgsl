// SGD with momentum as Keras computes it; with `nesterov` 1 the weight looks one step ahead.

struct Hyper {
  momentum: f32,
  nesterov: u32,
}

@group(2) @binding(0) var<uniform> hyper: Hyper;
@group(2) @binding(1) var<storage, read_write> slot0: array<vec4f>; // velocity

fn update(i: u32, w: vec4f, g: vec4f, stepSize: f32) -> vec4f {
  let velocity = hyper.momentum * slot0[i] - g * stepSize;
  slot0[i] = velocity;
  if (hyper.nesterov == 1u) { return w + hyper.momentum * velocity - g * stepSize; }
  return w + velocity;
}
