// Z = cos(x U / s + b): projection, bias and cosine in one kernel.  X [rows, d], U [d, D] -> Z [rows, D]
//
// A register tile of 16 rows x 16 columns for each invocation and no barrier: both operands lie packed, so that an
// invocation reads 4 + 4 consecutive vec4f for 256 multiply-adds. Rows are uniform over the workgroup.
// Every sum runs over k in ascending order with one accumulator.

// The tile as the epilogue takes it: the cosine, or the bare projection p = x U where the scale is still to train.
override KEEP_PROJECTION: bool = false;

struct Params {
  rows: u32,            // rows of the output, at most
  depth: u32,           // d, padded to a multiple of 4 with zeros
  outputDim: u32,       // D
  columns4: u32,        // row length of the output / 4
  turnsPerUnit: f32,    // 1 / (2 pi s)
}

struct State {
  step: u32,
  rowCount: u32,
  destination: u32,
  fault: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> state: State;
@group(0) @binding(2) var<storage, read> rows: array<vec4f>;        // [rows/16][depth][16]
@group(0) @binding(3) var<storage, read> projection: array<vec4f>;  // U [D/16][depth][16]
@group(0) @binding(4) var<storage, read> biasTurns: array<vec4f>;   // b / (2 pi) [D]
@group(0) @binding(5) var<storage, read_write> output: array<vec4f>;

fn emit(row: u32, column4: u32, p: vec4f) {
  if (row >= params.rows || row >= state.rowCount || column4 >= params.columns4) { return; }
  var value = p;
  if (!KEEP_PROJECTION) {
    let feature = vec4u(column4 * 4u) + vec4u(0u, 1u, 2u, 3u);
    let z = cosTurns(p * params.turnsPerUnit + biasTurns[column4]);
    value = select(vec4f(0.0), z, feature < vec4u(params.outputDim));
  }
  output[(state.destination + row) * params.columns4 + column4] = value;
}

@compute @workgroup_size(32)
fn featureMap(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let columnTile = group.x * 32u + lane;
  if (columnTile * 4u >= params.columns4 || group.y * 16u >= state.rowCount) { return; }
  let rowBase = group.y * params.depth * 4u;
  let columnBase = columnTile * params.depth * 4u;

  var p0_0 = vec4f(); var p0_1 = vec4f(); var p0_2 = vec4f(); var p0_3 = vec4f();
  var p1_0 = vec4f(); var p1_1 = vec4f(); var p1_2 = vec4f(); var p1_3 = vec4f();
  var p2_0 = vec4f(); var p2_1 = vec4f(); var p2_2 = vec4f(); var p2_3 = vec4f();
  var p3_0 = vec4f(); var p3_1 = vec4f(); var p3_2 = vec4f(); var p3_3 = vec4f();
  var p4_0 = vec4f(); var p4_1 = vec4f(); var p4_2 = vec4f(); var p4_3 = vec4f();
  var p5_0 = vec4f(); var p5_1 = vec4f(); var p5_2 = vec4f(); var p5_3 = vec4f();
  var p6_0 = vec4f(); var p6_1 = vec4f(); var p6_2 = vec4f(); var p6_3 = vec4f();
  var p7_0 = vec4f(); var p7_1 = vec4f(); var p7_2 = vec4f(); var p7_3 = vec4f();
  var p8_0 = vec4f(); var p8_1 = vec4f(); var p8_2 = vec4f(); var p8_3 = vec4f();
  var p9_0 = vec4f(); var p9_1 = vec4f(); var p9_2 = vec4f(); var p9_3 = vec4f();
  var p10_0 = vec4f(); var p10_1 = vec4f(); var p10_2 = vec4f(); var p10_3 = vec4f();
  var p11_0 = vec4f(); var p11_1 = vec4f(); var p11_2 = vec4f(); var p11_3 = vec4f();
  var p12_0 = vec4f(); var p12_1 = vec4f(); var p12_2 = vec4f(); var p12_3 = vec4f();
  var p13_0 = vec4f(); var p13_1 = vec4f(); var p13_2 = vec4f(); var p13_3 = vec4f();
  var p14_0 = vec4f(); var p14_1 = vec4f(); var p14_2 = vec4f(); var p14_3 = vec4f();
  var p15_0 = vec4f(); var p15_1 = vec4f(); var p15_2 = vec4f(); var p15_3 = vec4f();

  for (var k = 0u; k < params.depth; k++) {
    let r = rowBase + k * 4u;
    let c = columnBase + k * 4u;
    let a0 = rows[r]; let a1 = rows[r + 1u]; let a2 = rows[r + 2u]; let a3 = rows[r + 3u];
    let u0 = projection[c]; let u1 = projection[c + 1u]; let u2 = projection[c + 2u]; let u3 = projection[c + 3u];
    p0_0 = fma(vec4f(a0.x), u0, p0_0); p0_1 = fma(vec4f(a0.x), u1, p0_1);
    p0_2 = fma(vec4f(a0.x), u2, p0_2); p0_3 = fma(vec4f(a0.x), u3, p0_3);
    p1_0 = fma(vec4f(a0.y), u0, p1_0); p1_1 = fma(vec4f(a0.y), u1, p1_1);
    p1_2 = fma(vec4f(a0.y), u2, p1_2); p1_3 = fma(vec4f(a0.y), u3, p1_3);
    p2_0 = fma(vec4f(a0.z), u0, p2_0); p2_1 = fma(vec4f(a0.z), u1, p2_1);
    p2_2 = fma(vec4f(a0.z), u2, p2_2); p2_3 = fma(vec4f(a0.z), u3, p2_3);
    p3_0 = fma(vec4f(a0.w), u0, p3_0); p3_1 = fma(vec4f(a0.w), u1, p3_1);
    p3_2 = fma(vec4f(a0.w), u2, p3_2); p3_3 = fma(vec4f(a0.w), u3, p3_3);
    p4_0 = fma(vec4f(a1.x), u0, p4_0); p4_1 = fma(vec4f(a1.x), u1, p4_1);
    p4_2 = fma(vec4f(a1.x), u2, p4_2); p4_3 = fma(vec4f(a1.x), u3, p4_3);
    p5_0 = fma(vec4f(a1.y), u0, p5_0); p5_1 = fma(vec4f(a1.y), u1, p5_1);
    p5_2 = fma(vec4f(a1.y), u2, p5_2); p5_3 = fma(vec4f(a1.y), u3, p5_3);
    p6_0 = fma(vec4f(a1.z), u0, p6_0); p6_1 = fma(vec4f(a1.z), u1, p6_1);
    p6_2 = fma(vec4f(a1.z), u2, p6_2); p6_3 = fma(vec4f(a1.z), u3, p6_3);
    p7_0 = fma(vec4f(a1.w), u0, p7_0); p7_1 = fma(vec4f(a1.w), u1, p7_1);
    p7_2 = fma(vec4f(a1.w), u2, p7_2); p7_3 = fma(vec4f(a1.w), u3, p7_3);
    p8_0 = fma(vec4f(a2.x), u0, p8_0); p8_1 = fma(vec4f(a2.x), u1, p8_1);
    p8_2 = fma(vec4f(a2.x), u2, p8_2); p8_3 = fma(vec4f(a2.x), u3, p8_3);
    p9_0 = fma(vec4f(a2.y), u0, p9_0); p9_1 = fma(vec4f(a2.y), u1, p9_1);
    p9_2 = fma(vec4f(a2.y), u2, p9_2); p9_3 = fma(vec4f(a2.y), u3, p9_3);
    p10_0 = fma(vec4f(a2.z), u0, p10_0); p10_1 = fma(vec4f(a2.z), u1, p10_1);
    p10_2 = fma(vec4f(a2.z), u2, p10_2); p10_3 = fma(vec4f(a2.z), u3, p10_3);
    p11_0 = fma(vec4f(a2.w), u0, p11_0); p11_1 = fma(vec4f(a2.w), u1, p11_1);
    p11_2 = fma(vec4f(a2.w), u2, p11_2); p11_3 = fma(vec4f(a2.w), u3, p11_3);
    p12_0 = fma(vec4f(a3.x), u0, p12_0); p12_1 = fma(vec4f(a3.x), u1, p12_1);
    p12_2 = fma(vec4f(a3.x), u2, p12_2); p12_3 = fma(vec4f(a3.x), u3, p12_3);
    p13_0 = fma(vec4f(a3.y), u0, p13_0); p13_1 = fma(vec4f(a3.y), u1, p13_1);
    p13_2 = fma(vec4f(a3.y), u2, p13_2); p13_3 = fma(vec4f(a3.y), u3, p13_3);
    p14_0 = fma(vec4f(a3.z), u0, p14_0); p14_1 = fma(vec4f(a3.z), u1, p14_1);
    p14_2 = fma(vec4f(a3.z), u2, p14_2); p14_3 = fma(vec4f(a3.z), u3, p14_3);
    p15_0 = fma(vec4f(a3.w), u0, p15_0); p15_1 = fma(vec4f(a3.w), u1, p15_1);
    p15_2 = fma(vec4f(a3.w), u2, p15_2); p15_3 = fma(vec4f(a3.w), u3, p15_3);
  }

  let row = group.y * 16u;
  let column = columnTile * 4u;
  emit(row + 0u, column + 0u, p0_0); emit(row + 0u, column + 1u, p0_1);
  emit(row + 0u, column + 2u, p0_2); emit(row + 0u, column + 3u, p0_3);
  emit(row + 1u, column + 0u, p1_0); emit(row + 1u, column + 1u, p1_1);
  emit(row + 1u, column + 2u, p1_2); emit(row + 1u, column + 3u, p1_3);
  emit(row + 2u, column + 0u, p2_0); emit(row + 2u, column + 1u, p2_1);
  emit(row + 2u, column + 2u, p2_2); emit(row + 2u, column + 3u, p2_3);
  emit(row + 3u, column + 0u, p3_0); emit(row + 3u, column + 1u, p3_1);
  emit(row + 3u, column + 2u, p3_2); emit(row + 3u, column + 3u, p3_3);
  emit(row + 4u, column + 0u, p4_0); emit(row + 4u, column + 1u, p4_1);
  emit(row + 4u, column + 2u, p4_2); emit(row + 4u, column + 3u, p4_3);
  emit(row + 5u, column + 0u, p5_0); emit(row + 5u, column + 1u, p5_1);
  emit(row + 5u, column + 2u, p5_2); emit(row + 5u, column + 3u, p5_3);
  emit(row + 6u, column + 0u, p6_0); emit(row + 6u, column + 1u, p6_1);
  emit(row + 6u, column + 2u, p6_2); emit(row + 6u, column + 3u, p6_3);
  emit(row + 7u, column + 0u, p7_0); emit(row + 7u, column + 1u, p7_1);
  emit(row + 7u, column + 2u, p7_2); emit(row + 7u, column + 3u, p7_3);
  emit(row + 8u, column + 0u, p8_0); emit(row + 8u, column + 1u, p8_1);
  emit(row + 8u, column + 2u, p8_2); emit(row + 8u, column + 3u, p8_3);
  emit(row + 9u, column + 0u, p9_0); emit(row + 9u, column + 1u, p9_1);
  emit(row + 9u, column + 2u, p9_2); emit(row + 9u, column + 3u, p9_3);
  emit(row + 10u, column + 0u, p10_0); emit(row + 10u, column + 1u, p10_1);
  emit(row + 10u, column + 2u, p10_2); emit(row + 10u, column + 3u, p10_3);
  emit(row + 11u, column + 0u, p11_0); emit(row + 11u, column + 1u, p11_1);
  emit(row + 11u, column + 2u, p11_2); emit(row + 11u, column + 3u, p11_3);
  emit(row + 12u, column + 0u, p12_0); emit(row + 12u, column + 1u, p12_1);
  emit(row + 12u, column + 2u, p12_2); emit(row + 12u, column + 3u, p12_3);
  emit(row + 13u, column + 0u, p13_0); emit(row + 13u, column + 1u, p13_1);
  emit(row + 13u, column + 2u, p13_2); emit(row + 13u, column + 3u, p13_3);
  emit(row + 14u, column + 0u, p14_0); emit(row + 14u, column + 1u, p14_1);
  emit(row + 14u, column + 2u, p14_2); emit(row + 14u, column + 3u, p14_3);
  emit(row + 15u, column + 0u, p15_0); emit(row + 15u, column + 1u, p15_1);
  emit(row + 15u, column + 2u, p15_2); emit(row + 15u, column + 3u, p15_3);
}
