// Rows of values in [-1, 1] as 16-bit integers in a texture, eight to a texel.
struct Shape { columns4: u32 } // row length / 4, even

@group(2) @binding(0) var<uniform> shape: Shape;
@group(2) @binding(1) var output: texture_storage_2d<rgba32uint, write>;

fn store8(row: u32, column8: u32, value: mat2x4f) {
  textureStore(output, texel(row * (shape.columns4 / 2u) + column8), pack8(value));
}
