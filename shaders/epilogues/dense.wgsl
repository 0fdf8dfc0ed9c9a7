// What becomes of a product in a Dense layer: Y = X W + b, or a gradient as it is; slices one behind the other.
override ADD_BIAS: bool = false;

struct Epilogue {
  outputs4: u32, // outputs / 4, rounded up
  bias: u32,     // where b begins in the parameters, in vec4f
}

@group(3) @binding(0) var<uniform> epilogue: Epilogue;
@group(3) @binding(1) var<storage, read> parameters: array<vec4f>;

fn rowLimit() -> u32 {
  return params.rows;
}

fn emit(slice: u32, row: u32, column8: u32, p: mat2x4f) {
  if (row >= params.rows || column8 >= params.columns8) { return; }
  if (ADD_BIAS) {
    let last = epilogue.outputs4 - 1u;
    let bias = mat2x4f(
      parameters[epilogue.bias + column8 * 2u],
      parameters[epilogue.bias + min(column8 * 2u + 1u, last)],
    );
    store8(row, column8, p + bias);
    return;
  }
  store8(slice * params.rows + row, column8, p);
}
