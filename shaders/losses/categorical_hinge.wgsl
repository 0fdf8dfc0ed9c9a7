// max(neg - pos + 1, 0), pos = sum_c y p, neg = max_c (1 - y) p; equal maxima share their gradient.
fn lossGradient(i: u32, row: u32, scale: f32, signed: bool) -> f32 {
  var positive = 0.0;
  var negative = (1.0 - targetOf(row, 0u)) * logit(i, 0u);
  for (var c = 0u; c < params.classes; c++) {
    let y = targetOf(row, c);
    positive += y * logit(i, c);
    negative = max(negative, (1.0 - y) * logit(i, c));
  }
  var ties = 0.0;
  for (var c = 0u; c < params.classes; c++) {
    ties += select(0.0, 1.0, (1.0 - targetOf(row, c)) * logit(i, c) == negative);
  }
  let margin = negative - positive + 1.0;
  for (var c = 0u; c < params.classes; c++) {
    let y = targetOf(row, c);
    let isMaximum = (1.0 - y) * logit(i, c) == negative;
    let g = select(0.0, (1.0 - y) / ties, isMaximum) - y;
    setGradient(i, c, select(0.0, g * scale, margin >= 0.0));
  }
  return max(margin, 0.0);
}
