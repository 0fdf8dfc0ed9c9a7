// Appended after every kernel, so that line numbers in compile errors stay true.

const TURN: f32 = 6.283185307179586; // radians in one turn

// sin(2 pi a) for |a| <= 1/4, as an odd polynomial: interpolation at five Chebyshev nodes of a^2 in [0, 1/16].
// 6.7e-9 from the sine before rounding.
fn sinQuarter(a: vec4f) -> vec4f {
  let y = a * a;
  return a * (((((39.759827 * y) - 76.58117) * y + 81.60248) * y - 41.341682) * y + 6.2831855);
}

// cos(2 pi t). WGSL's own cos promises 2^-11 and only inside [-pi, pi].
// t - round(t) is exact in f32, so the error does not grow with t.
fn cosTurns(t: vec4f) -> vec4f {
  return sinQuarter(0.25 - abs(t - round(t)));
}

// sin(2 pi t), folded at a quarter turn.
fn sinTurns(t: vec4f) -> vec4f {
  let r = t - round(t);
  return sinQuarter(select(r, sign(r) * 0.5 - r, abs(r) > vec4f(0.25)));
}

// WGSL may assume that NaN and infinity never happen, so they are told by their bits.
fn anyNotFinite(v: vec4f) -> bool {
  return any((bitcast<vec4u>(v) & vec4u(0x7f800000u)) == vec4u(0x7f800000u));
}

// The values of a row's first `count` columns; what pads the row is zero.
fn inColumns(count: u32, column4: u32, v: vec4f) -> vec4f {
  return select(vec4f(), v, vec4u(column4 * 4u) + vec4u(0u, 1u, 2u, 3u) < vec4u(count));
}

// The index of an invocation in a one-dimensional range laid over x and y (65,535 workgroups per dimension).
fn linearIndex(group: vec3u, groups: vec3u, lane: u32, size: u32) -> u32 {
  return (group.y * groups.x + group.x) * size + lane;
}

// Where element i of an array lies in a texture of 8,192 columns, a width that every device allows.
fn texel(i: u32) -> vec2u {
  return vec2u(i & 8191u, i >> 13u);
}

// sum + v u', one fused multiply-add for each element: column j of the sum gains u[j] v.
fn addOuter(sum: mat4x4f, u: vec4f, v: vec4f) -> mat4x4f {
  return mat4x4f(
    fma(vec4f(u.x), v, sum[0]),
    fma(vec4f(u.y), v, sum[1]),
    fma(vec4f(u.z), v, sum[2]),
    fma(vec4f(u.w), v, sum[3]),
  );
}

// The same twice, in order.
fn addOuter2(sum: mat4x4f, u0: vec4f, v0: vec4f, u1: vec4f, v1: vec4f) -> mat4x4f {
  return addOuter(addOuter(sum, u0, v0), u1, v1);
}

// Eight values in [-1, 1] as 16-bit integers, within 1.5e-5.
fn pack8(v: mat2x4f) -> vec4u {
  return vec4u(pack2x16snorm(v[0].xy), pack2x16snorm(v[0].zw), pack2x16snorm(v[1].xy), pack2x16snorm(v[1].zw));
}

fn unpack8(w: vec4u) -> mat2x4f {
  return mat2x4f(
    vec4f(unpack2x16snorm(w.x), unpack2x16snorm(w.y)),
    vec4f(unpack2x16snorm(w.z), unpack2x16snorm(w.w)),
  );
}
