// y = exp(x) / sum exp(x) over the channels of each pixel, and dx = y (g - sum g y). A row of features is one pixel.

struct Params {
  rows: u32,
  pixels: u32,   // of a row
  channels: u32,
  stride: u32,   // row length, a multiple of 4
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> source: array<f32>;        // x, or y for the gradient [rows, pixels, channels]
@group(0) @binding(2) var<storage, read_write> output: array<f32>;  // y, or dx
@group(0) @binding(3) var<storage, read> gradient: array<f32>;      // g = dL/dy

// A pixel for each invocation.
@compute @workgroup_size(64)
fn forward(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let i = linearIndex(group, groups, lane, 64u);
  if (i >= params.rows * params.pixels) { return; }
  let first = firstChannel(i);
  var largest = source[first];
  for (var c = 1u; c < params.channels; c++) { largest = max(largest, source[first + c]); }
  var total = 0.0;
  for (var c = 0u; c < params.channels; c++) {
    let e = exp(source[first + c] - largest);
    output[first + c] = e;
    total += e;
  }
  for (var c = 0u; c < params.channels; c++) { output[first + c] = output[first + c] / total; }
  padRow(i, first);
}

@compute @workgroup_size(64)
fn backward(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let i = linearIndex(group, groups, lane, 64u);
  if (i >= params.rows * params.pixels) { return; }
  let first = firstChannel(i);
  var sum = 0.0;
  for (var c = 0u; c < params.channels; c++) { sum += gradient[first + c] * source[first + c]; }
  for (var c = 0u; c < params.channels; c++) {
    output[first + c] = source[first + c] * (gradient[first + c] - sum);
  }
  padRow(i, first);
}

fn firstChannel(i: u32) -> u32 {
  return i / params.pixels * params.stride + i % params.pixels * params.channels;
}

// Zeros behind the last pixel of a row.
fn padRow(i: u32, first: u32) {
  if ((i + 1u) % params.pixels != 0u) { return; }
  let padding = params.stride - params.pixels * params.channels;
  for (var k = 0u; k < padding; k++) { output[first + params.channels + k] = 0.0; }
}
