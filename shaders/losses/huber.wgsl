// mean_c e^2 / 2 where |e| <= delta, delta |e| - delta^2 / 2 beyond, e = p - y.
fn lossGradient(i: u32, row: u32, scale: f32, signed: bool) -> f32 {
  let n = f32(params.classes);
  let delta = params.constant;
  var sum = 0.0;
  for (var c = 0u; c < params.classes; c++) {
    let e = logit(i, c) - targetOf(row, c);
    sum += select(delta * (abs(e) - 0.5 * delta), 0.5 * e * e, abs(e) <= delta);
    setGradient(i, c, clamp(e, -delta, delta) * scale / n);
  }
  return sum / n;
}
