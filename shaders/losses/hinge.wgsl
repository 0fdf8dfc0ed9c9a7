// mean_c max(1 - y p, 0); at margin exactly 1 the gradient flows.
fn lossGradient(i: u32, row: u32, scale: f32, signed: bool) -> f32 {
  let n = f32(params.classes);
  var sum = 0.0;
  for (var c = 0u; c < params.classes; c++) {
    let t = targetOf(row, c);
    let y = select(t, 2.0 * t - 1.0, signed);
    let margin = 1.0 - y * logit(i, c);
    sum += max(margin, 0.0);
    setGradient(i, c, select(0.0, -y * scale / n, margin >= 0.0));
  }
  return sum / n;
}
