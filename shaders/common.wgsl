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

// The index of an invocation in a one-dimensional range laid over x and y (65,535 workgroups per dimension).
fn linearIndex(group: vec3u, groups: vec3u, lane: u32, size: u32) -> u32 {
  return (group.y * groups.x + group.x) * size + lane;
}
