// 1 / (1 + exp(-x)); the exponential of -|x| can't overflow.
fn activate(x: vec4f) -> vec4f {
  let e = exp(-abs(x));
  return select(vec4f(1.0), e, x < vec4f()) / (1.0 + e);
}

fn slope(y: vec4f) -> vec4f {
  return y * (1.0 - y);
}
