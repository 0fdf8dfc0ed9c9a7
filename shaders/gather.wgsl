// Rows from where they are kept to where a kernel wants them. `loadRow4` comes from rows/*.wgsl.

struct Params {
  rows: u32,         // rows of the source, for gatherTiles
  batch: u32,        // rows of a step, for gatherRows
  columns4: u32,     // row length / 4, of source and output
  rowsPerShard: u32,
  unit: f32,         // value of one count of the source
}

struct State {
  step: u32,
  rowCount: u32,
  destination: u32,
  fault: u32,
}

struct Sample {
  featureRow: u32,
  targetRow: u32,
  weight: f32,
  signed: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> output: array<vec4f>;
@group(0) @binding(2) var<storage, read> state: State;
@group(0) @binding(3) var<storage, read> samples: array<Sample>;

// The rows of this step's minibatch, in the order of the samples: output [rows, columns4] vec4.
// Rows beyond the last sample repeat it; their gradients are zero.
@compute @workgroup_size(64)
fn gatherRows(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let column4 = group.x * 64u + lane;
  if (column4 >= params.columns4) { return; }
  if (group.y >= state.rowCount) { return; }
  let sample = min(state.step * params.batch + group.y, state.rowCount - 1u);
  output[(state.destination + group.y) * params.columns4 + column4] = loadRow4(samples[sample].featureRow, column4);
}

// All rows of the source in tiles of 16: output [rows/16][columns][16], the layout that feature_map.wgsl reads
// without a stride. One invocation transposes 16 rows x 4 columns.
@compute @workgroup_size(64)
fn gatherTiles(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let column4 = group.x * 64u + lane;
  if (column4 >= params.columns4) { return; }
  for (var quad = 0u; quad < 4u; quad++) {
    let row = group.y * 16u + quad * 4u;
    let last = params.rows - 1u;
    let a = loadRow4(min(row, last), column4);
    let b = loadRow4(min(row + 1u, last), column4);
    let c = loadRow4(min(row + 2u, last), column4);
    let d = loadRow4(min(row + 3u, last), column4);
    let tile = (group.y * params.columns4 + column4) * 16u + quad;
    output[tile] = vec4f(a.x, b.x, c.x, d.x);
    output[tile + 4u] = vec4f(a.y, b.y, c.y, d.y);
    output[tile + 8u] = vec4f(a.z, b.z, c.z, d.z);
    output[tile + 12u] = vec4f(a.w, b.w, c.w, d.w);
  }
}
