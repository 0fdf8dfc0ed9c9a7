// Rows of values in [-1, 1] as 16-bit integers in a buffer, eight to an element.
struct Shape { columns4: u32 } // row length / 4, even

@group(2) @binding(0) var<uniform> shape: Shape;
@group(2) @binding(1) var<storage, read_write> output: array<vec4u>;

fn store8(row: u32, column8: u32, value: mat2x4f) {
  output[row * (shape.columns4 / 2u) + column8] = pack8(value);
}
