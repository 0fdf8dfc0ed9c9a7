// The filters of a convolution [taps, channels, filters] as the right operand of its input's gradient, whose sums run
// over taps and filters: [channels/16][depth][16].

struct Params {
  first: u32,    // where the filters begin in the parameters, in f32
  columns: u32,  // row length of the filters
  channels: u32,
  filters: u32,
  terms: u32,    // taps * filters
  depth: u32,    // the same, rounded up
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> parameters: array<f32>;

// Eight channels of one term. Workgroups: depth, octets of channels.
@compute @workgroup_size(64)
fn packFilters(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let k = group.x * 64u + lane;
  if (k >= params.depth) { return; }
  let c = group.y * 8u;
  let value = mat2x4f(
    vec4f(filterAt(k, c), filterAt(k, c + 1u), filterAt(k, c + 2u), filterAt(k, c + 3u)),
    vec4f(filterAt(k, c + 4u), filterAt(k, c + 5u), filterAt(k, c + 6u), filterAt(k, c + 7u)),
  );
  store8(group.y / 2u * params.depth + k, group.y % 2u, value);
}

fn filterAt(k: u32, channel: u32) -> f32 {
  if (k >= params.terms || channel >= params.channels) { return 0.0; }
  let tap = k / params.filters;
  return parameters[params.first + (tap * params.channels + channel) * params.columns + k % params.filters];
}
