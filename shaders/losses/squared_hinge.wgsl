// mean_c max(1 - y p, 0)^2
fn lossGradient(i: u32, row: u32, scale: f32, signed: bool) -> f32 {
  let n = f32(params.classes);
  var sum = 0.0;
  for (var c = 0u; c < params.classes; c++) {
    let t = targetOf(row, c);
    let y = select(t, 2.0 * t - 1.0, signed);
    let slack = max(1.0 - y * logit(i, c), 0.0);
    sum += slack * slack;
    setGradient(i, c, -2.0 * y * slack * scale / n);
  }
  return sum / n;
}
