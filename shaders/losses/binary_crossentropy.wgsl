// mean_c -(y log p + (1 - y) log(1 - p)) on probabilities: p and 1 - p are clipped to [1e-7, 1 - 1e-7], and a clipped p
// passes no gradient. Label smoothing s takes y (1 - s) + s / 2 for y.
const EPSILON: f32 = 1e-7;

fn lossGradient(i: u32, row: u32, scale: f32, signed: bool) -> f32 {
  let n = f32(params.classes);
  var sum = 0.0;
  for (var c = 0u; c < params.classes; c++) {
    let y = targetOf(row, c) * (1.0 - params.constant) + 0.5 * params.constant;
    let p = logit(i, c);
    // Each side is clipped by itself, since float32 has no 1 - 1e-7.
    let yes = clamp(p, EPSILON, 1.0 - EPSILON);
    let no = clamp(1.0 - p, EPSILON, 1.0 - EPSILON);
    sum -= y * log(yes) + (1.0 - y) * log(no);
    let slope = (1.0 - y) / no - y / yes;
    setGradient(i, c, select(0.0, slope * scale / n, p >= EPSILON && 1.0 - p >= EPSILON));
  }
  return sum / n;
}
