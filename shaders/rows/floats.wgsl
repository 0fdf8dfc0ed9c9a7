// Rows of floats in a buffer.
@group(1) @binding(0) var<storage, read> source: array<vec4f>;

fn loadRow4(row: u32, column4: u32) -> vec4f {
  return source[params.first + row * params.columns4 + column4];
}

fn loadRow8(row: u32, column8: u32) -> mat2x4f {
  let first = params.first + row * params.columns4 + column8 * 2u;
  return mat2x4f(source[first], select(vec4f(), source[first + 1u], column8 * 2u + 1u < params.columns4));
}

fn loadValue(row: u32, column: u32) -> f32 {
  return source[params.first + row * params.columns4 + column / 4u][column % 4u];
}
