// -sum_c y log q on probabilities: q = p / sum p, clipped to [1e-7, 1 - 1e-7]; a clipped q passes no gradient.
// Label smoothing s takes y (1 - s) + s / C for y.
const EPSILON: f32 = 1e-7;

fn smoothed(row: u32, c: u32) -> f32 {
  return targetOf(row, c) * (1.0 - params.constant) + params.constant / f32(params.classes);
}

fn lossGradient(i: u32, row: u32, scale: f32, signed: bool) -> f32 {
  var total = 0.0;
  for (var c = 0u; c < params.classes; c++) { total += logit(i, c); }
  // Probabilities that add up to nothing can't be normalized: 0 / 0, which `clamp` would hide.
  if (total == 0.0) { atomicMin(&state.fault, state.step); }
  var sum = 0.0;
  var inner = 0.0; // sum_c (dL/dq) q
  for (var c = 0u; c < params.classes; c++) {
    let q = logit(i, c) / total;
    let y = smoothed(row, c);
    sum -= y * log(clamp(q, EPSILON, 1.0 - EPSILON));
    inner += select(0.0, -y, q >= EPSILON && q <= 1.0 - EPSILON);
  }
  for (var c = 0u; c < params.classes; c++) {
    let q = logit(i, c) / total;
    let direct = select(0.0, -smoothed(row, c) / q, q >= EPSILON && q <= 1.0 - EPSILON);
    setGradient(i, c, (direct - inner) / total * scale);
  }
  return sum;
}
