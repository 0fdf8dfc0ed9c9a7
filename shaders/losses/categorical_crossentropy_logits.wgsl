// -sum_c y log softmax(p); softmax cross-entropy from logits. Label smoothing s takes y (1 - s) + s / C for y.
fn smoothed(row: u32, c: u32) -> f32 {
  return targetOf(row, c) * (1.0 - params.constant) + params.constant / f32(params.classes);
}

fn lossGradient(i: u32, row: u32, scale: f32, signed: bool) -> f32 {
  var largest = logit(i, 0u);
  for (var c = 1u; c < params.classes; c++) { largest = max(largest, logit(i, c)); }
  var total = 0.0;
  var weight = 0.0; // sum of the targets: 1 for one-hot rows
  for (var c = 0u; c < params.classes; c++) {
    total += exp(logit(i, c) - largest);
    weight += smoothed(row, c);
  }
  let logTotal = log(total);
  var sum = 0.0;
  for (var c = 0u; c < params.classes; c++) {
    let p = logit(i, c) - largest;
    let y = smoothed(row, c);
    sum += y * (logTotal - p);
    setGradient(i, c, (weight * exp(p) / total - y) * scale);
  }
  return sum;
}
