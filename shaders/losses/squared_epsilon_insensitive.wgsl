// mean_c max(|p - y| - epsilon, 0)^2
fn lossGradient(i: u32, row: u32, scale: f32, signed: bool) -> f32 {
  let n = f32(params.classes);
  var sum = 0.0;
  for (var c = 0u; c < params.classes; c++) {
    let e = logit(i, c) - targetOf(row, c);
    let beyond = max(abs(e) - params.constant, 0.0);
    sum += beyond * beyond;
    setGradient(i, c, 2.0 * sign(e) * beyond * scale / n);
  }
  return sum / n;
}
