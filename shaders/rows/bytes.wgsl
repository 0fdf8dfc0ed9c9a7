// Rows of bytes, four to a word.
@group(1) @binding(0) var<storage, read> source: array<u32>;

fn loadRow8(row: u32, column8: u32) -> mat2x4f {
  return mat2x4f(loadRow4(row, column8 * 2u), loadRow4(row, column8 * 2u + 1u));
}

fn loadRow4(row: u32, column4: u32) -> vec4f {
  let word = select(0u, source[row * params.columns4 + column4], column4 < params.columns4);
  let bytes = vec4u(word, word >> 8u, word >> 16u, word >> 24u) & vec4u(255u);
  return vec4f(bytes) * params.unit;
}

fn loadValue(row: u32, column: u32) -> f32 {
  let word = source[row * params.columns4 + column / 4u];
  return f32((word >> (column % 4u * 8u)) & 255u) * params.unit;
}
