// Rows of values in [-1, 1] as 16-bit integers in a texture, eight to a texel.
@group(1) @binding(0) var source: texture_2d<u32>;

fn loadRow8(row: u32, column8: u32) -> mat2x4f {
  return unpack8(textureLoad(source, texel(row * (params.columns4 / 2u) + column8), 0));
}
