// One value for each output: one-hot, soft or real targets.
@group(1) @binding(0) var<storage, read> targets: array<f32>; // [n, params.stride]

fn targetOf(row: u32, c: u32) -> f32 {
  return targets[row * params.stride + c];
}
