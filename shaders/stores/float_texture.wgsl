// Rows of floats in a texture.
struct Shape { columns4: u32 } // row length / 4

@group(2) @binding(0) var<uniform> shape: Shape;
@group(2) @binding(1) var output: texture_storage_2d<rgba32float, write>;

fn store8(row: u32, column8: u32, value: mat2x4f) {
  let at = row * shape.columns4 + column8 * 2u;
  textureStore(output, texel(at), value[0]);
  if (column8 * 2u + 1u < shape.columns4) { textureStore(output, texel(at + 1u), value[1]); }
}
