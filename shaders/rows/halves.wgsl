// Rows of values in [-1, 1] as 16-bit integers in a buffer, eight to an element.
@group(1) @binding(0) var<storage, read> source: array<vec4u>;

fn loadRow8(row: u32, column8: u32) -> mat2x4f {
  return unpack8(source[row * (params.columns4 / 2u) + column8]);
}
