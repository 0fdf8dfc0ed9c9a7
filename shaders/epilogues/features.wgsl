// What becomes of a product p = x U: z = cos(p / s + b), or the bare projection where the scale is still to train.
override KEEP_PROJECTION: bool = false;

struct Epilogue {
  outputDim: u32,    // D
  turnsPerUnit: f32, // 1 / (2 pi s)
}

struct State {
  step: u32,
  next: u32,
  rowCount: u32,
  destination: u32,
  fault: u32,
}

@group(3) @binding(0) var<uniform> epilogue: Epilogue;
@group(3) @binding(1) var<storage, read> state: State;
@group(3) @binding(2) var<storage, read> biasTurns: array<vec4f>; // b / (2 pi) [D]

// A chunk may be smaller than its buffers.
fn rowLimit() -> u32 {
  return min(params.rows, state.rowCount);
}

fn emit(slice: u32, row: u32, column8: u32, p: mat2x4f) {
  if (row >= rowLimit() || column8 >= params.columns8) { return; }
  let at = state.destination + row;
  if (KEEP_PROJECTION) {
    store8(at, column8, p);
    return;
  }
  store8(at, column8, mat2x4f(feature4(column8 * 2u, p[0]), feature4(column8 * 2u + 1u, p[1])));
}

// Beyond D the projection is zero, but the cosine of it is not.
fn feature4(column4: u32, p: vec4f) -> vec4f {
  let z = cosTurns(p * epilogue.turnsPerUnit + biasTurns[column4]);
  return select(vec4f(0.0), z, vec4u(column4 * 4u) + vec4u(0u, 1u, 2u, 3u) < vec4u(epilogue.outputDim));
}
