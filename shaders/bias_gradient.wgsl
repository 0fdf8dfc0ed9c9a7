// db = sum of G over rows and, where these are images, over their pixels; in slices of the rows.

struct Params {
  rows: u32,
  columns: u32,  // row length of G
  pixels: u32,   // of a row
  outputs: u32,  // length of db, and values of a pixel
  slice: u32,    // rows of a slice
  slices: u32,
  stride: u32,   // from one slice's sums to the next
  first: u32,    // where the sums begin
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> outputGradient: array<f32>;       // G [rows, pixels, outputs]
@group(0) @binding(2) var<storage, read_write> sums: array<f32>;           // [slices, stride]

// One output of one slice, all in order.
@compute @workgroup_size(64)
fn biasGradient(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let i = linearIndex(group, groups, lane, 64u);
  let slice = i / params.outputs;
  let output = i - slice * params.outputs;
  if (slice >= params.slices) { return; }
  let begin = slice * params.slice;
  let end = min(begin + params.slice, params.rows);
  var sum = 0.0;
  for (var row = begin; row < end; row++) {
    let at = row * params.columns + output;
    for (var pixel = 0u; pixel < params.pixels; pixel++) { sum += outputGradient[at + pixel * params.outputs]; }
  }
  sums[params.first + slice * params.stride + output] = sum;
}
