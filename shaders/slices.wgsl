// Sums that were taken in slices, so that there is work for every lane, put together in the order of the slices.

struct Params {
  slices: u32,
  count: u32,  // length of a slice's block, in vec4f
  first: u32,  // where the sums go, in vec4f
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> partials: array<vec4f>;          // [slices, count]
@group(0) @binding(2) var<storage, read_write> gradients: array<vec4f>;

@compute @workgroup_size(64)
fn addSlices(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let i = linearIndex(group, groups, lane, 64u);
  if (i >= params.count) { return; }
  var sum = partials[i];
  for (var slice = 1u; slice < params.slices; slice++) { sum += partials[slice * params.count + i]; }
  gradients[params.first + i] = sum;
}
