// mean_c max(|p - y| - epsilon, 0); no gradient up to epsilon itself. With epsilon 0 the mean absolute error.
fn lossGradient(i: u32, row: u32, scale: f32, signed: bool) -> f32 {
  let n = f32(params.classes);
  var sum = 0.0;
  for (var c = 0u; c < params.classes; c++) {
    let e = logit(i, c) - targetOf(row, c);
    let beyond = abs(e) - params.constant;
    sum += max(beyond, 0.0);
    setGradient(i, c, select(0.0, sign(e) * scale / n, beyond > 0.0));
  }
  return sum / n;
}
