// Rows of floats in up to eight buffers of params.rowsPerShard rows each, for adapters with small bindings.
@group(1) @binding(0) var<storage, read> source0: array<vec4f>;
@group(1) @binding(1) var<storage, read> source1: array<vec4f>;
@group(1) @binding(2) var<storage, read> source2: array<vec4f>;
@group(1) @binding(3) var<storage, read> source3: array<vec4f>;
@group(1) @binding(4) var<storage, read> source4: array<vec4f>;
@group(1) @binding(5) var<storage, read> source5: array<vec4f>;
@group(1) @binding(6) var<storage, read> source6: array<vec4f>;
@group(1) @binding(7) var<storage, read> source7: array<vec4f>;

fn loadRow4(row: u32, column4: u32) -> vec4f {
  let i = (row % params.rowsPerShard) * params.columns4 + column4;
  switch row / params.rowsPerShard {
    case 0u: { return source0[i] * params.unit; }
    case 1u: { return source1[i] * params.unit; }
    case 2u: { return source2[i] * params.unit; }
    case 3u: { return source3[i] * params.unit; }
    case 4u: { return source4[i] * params.unit; }
    case 5u: { return source5[i] * params.unit; }
    case 6u: { return source6[i] * params.unit; }
    default: { return source7[i] * params.unit; }
  }
}
