// mean_c of the same from logits, p = 1 / (1 + e^-x): |x| times the part of y on the other side, plus log(1 + e^-|x|).
fn lossGradient(i: u32, row: u32, scale: f32, signed: bool) -> f32 {
  let n = f32(params.classes);
  var sum = 0.0;
  for (var c = 0u; c < params.classes; c++) {
    let y = targetOf(row, c) * (1.0 - params.constant) + 0.5 * params.constant;
    let x = logit(i, c);
    let e = exp(-abs(x));
    sum += abs(x) * select(y, 1.0 - y, x >= 0.0) + log(1.0 + e);
    setGradient(i, c, (select(e, 1.0, x >= 0.0) / (1.0 + e) - y) * scale / n);
  }
  return sum / n;
}
