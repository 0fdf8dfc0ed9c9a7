// Rows of floats in one buffer.
@group(1) @binding(0) var<storage, read> source0: array<vec4f>;

fn loadRow4(row: u32, column4: u32) -> vec4f {
  return source0[row * params.columns4 + column4] * params.unit;
}
