// Rows of bytes, four to a word.
@group(1) @binding(0) var<storage, read> source0: array<u32>;

fn loadRow4(row: u32, column4: u32) -> vec4f {
  let word = source0[row * params.columns4 + column4];
  let bytes = vec4u(word, word >> 8u, word >> 16u, word >> 24u) & vec4u(255u);
  return vec4f(bytes) * params.unit;
}
