// Rows of floats in a texture.
@group(1) @binding(0) var source: texture_2d<f32>;

fn loadRow8(row: u32, column8: u32) -> mat2x4f {
  let first = row * params.columns4 + column8 * 2u;
  let second = textureLoad(source, texel(first + 1u), 0);
  return mat2x4f(
    textureLoad(source, texel(first), 0),
    select(vec4f(), second, column8 * 2u + 1u < params.columns4),
  );
}
