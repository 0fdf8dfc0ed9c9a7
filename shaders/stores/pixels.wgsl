// Rows of pixels into rows of images [pixels][channels], where these are no whole vec4f. The last value of an image
// writes the zeros behind it.
struct Shape {
  columns: u32,  // row length of an image
  pixels: u32,   // of an image
  channels: u32,
  first: u32,    // pixel of row 0
}

@group(2) @binding(0) var<uniform> shape: Shape;
@group(2) @binding(1) var<storage, read_write> output: array<f32>;

fn store8(row: u32, column8: u32, value: mat2x4f) {
  let pixel = shape.first + row;
  let image = pixel / shape.pixels;
  let base = image * shape.columns + (pixel - image * shape.pixels) * shape.channels;
  let last = (image + 1u) * shape.columns;
  for (var i = 0u; i < 8u; i++) {
    let channel = column8 * 8u + i;
    if (channel >= shape.channels) { break; }
    output[base + channel] = value[i / 4u][i % 4u];
  }
  let isLast = pixel + 1u == (image + 1u) * shape.pixels && column8 == (shape.channels - 1u) / 8u;
  if (isLast) {
    for (var at = base + shape.channels; at < last; at++) { output[at] = 0.0; }
  }
}
