// max(x, 0), so that a NaN remains one where the adapter keeps them; at 0 the slope is 0.
fn activate(x: vec4f) -> vec4f {
  return select(x, vec4f(), x <= vec4f());
}

fn slope(y: vec4f) -> vec4f {
  return select(vec4f(), vec4f(1.0), y > vec4f());
}
