// mean_c (p - y)^2
fn lossGradient(i: u32, row: u32, scale: f32, signed: bool) -> f32 {
  let n = f32(params.classes);
  var sum = 0.0;
  for (var c = 0u; c < params.classes; c++) {
    let difference = logit(i, c) - targetOf(row, c);
    sum += difference * difference;
    setGradient(i, c, 2.0 * difference * scale / n);
  }
  return sum / n;
}
