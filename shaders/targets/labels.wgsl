// Integer labels, meaning the same as their one-hot form.
@group(1) @binding(0) var<storage, read> labels: array<u32>; // [n]

fn targetOf(row: u32, c: u32) -> f32 {
  return select(0.0, 1.0, labels[row] == c);
}
