// What metrics give for a row, appended to loss.wgsl. A metric is the mean of that over the rows, whatever their weights.

override METRICS: u32 = 0; // how many there are
// What each of them is, and its constant.
override METRIC_0: u32 = 0; override OPTION_0: f32 = 0;
override METRIC_1: u32 = 0; override OPTION_1: f32 = 0;
override METRIC_2: u32 = 0; override OPTION_2: f32 = 0;
override METRIC_3: u32 = 0; override OPTION_3: f32 = 0;
override METRIC_4: u32 = 0; override OPTION_4: f32 = 0;
override METRIC_5: u32 = 0; override OPTION_5: f32 = 0;
override METRIC_6: u32 = 0; override OPTION_6: f32 = 0;
override METRIC_7: u32 = 0; override OPTION_7: f32 = 0;

const CATEGORICAL_ACCURACY: u32 = 0u;
const TOP_K_ACCURACY: u32 = 1u;
const PREDICTED_CLASS: u32 = 2u;
const BINARY_ACCURACY: u32 = 3u;
const HINGE: u32 = 4u;
const SQUARED_ERROR: u32 = 5u;
const ABSOLUTE_ERROR: u32 = 6u;
const R2_SCORE: u32 = 7u;

fn metric(m: u32, i: u32, row: u32, signed: bool) -> f32 {
  var kinds = array<u32, 8>(METRIC_0, METRIC_1, METRIC_2, METRIC_3, METRIC_4, METRIC_5, METRIC_6, METRIC_7);
  var options = array<f32, 8>(OPTION_0, OPTION_1, OPTION_2, OPTION_3, OPTION_4, OPTION_5, OPTION_6, OPTION_7);
  let kind = kinds[m];
  let option = options[m];
  switch (kind) {
    case CATEGORICAL_ACCURACY: { return select(0.0, 1.0, largestOutput(i) == largestTarget(row)); }
    case TOP_K_ACCURACY: { return select(0.0, 1.0, outputsAbove(i, largestTarget(row)) < option); }
    case PREDICTED_CLASS: { return predictedClass(i, option); }
    default: {}
  }
  var sum = 0.0;
  for (var c = 0u; c < params.classes; c++) { sum += ofOutput(kind, option, logit(i, c), targetOf(row, c), c, signed); }
  return sum / f32(params.classes);
}

// What one output adds to a mean over outputs.
fn ofOutput(kind: u32, option: f32, p: f32, y: f32, c: u32, signed: bool) -> f32 {
  switch (kind) {
    case BINARY_ACCURACY: { return select(0.0, 1.0, (p > option) == (y > 0.5)); }
    case HINGE: { return max(1.0 - select(y, 2.0 * y - 1.0, signed) * p, 0.0); }
    case SQUARED_ERROR: { return (p - y) * (p - y); }
    case ABSOLUTE_ERROR: { return abs(p - y); }
    case R2_SCORE: {
      // 1 / variance of the output's targets, from behind the last row of them; 0 where they are all equal.
      let inverse = targetOf(params.targetRows, c);
      return select(0.0, 1.0 - (p - y) * (p - y) * inverse, inverse > 0.0);
    }
    default: { return 0.0; }
  }
}

// The first of the largest outputs.
fn largestOutput(i: u32) -> u32 {
  var best = 0u;
  for (var c = 1u; c < params.classes; c++) { best = select(best, c, logit(i, c) > logit(i, best)); }
  return best;
}

// The first of the largest targets.
fn largestTarget(row: u32) -> u32 {
  var best = 0u;
  for (var c = 1u; c < params.classes; c++) { best = select(best, c, targetOf(row, c) > targetOf(row, best)); }
  return best;
}

// How many outputs are larger than that of a class.
fn outputsAbove(i: u32, wanted: u32) -> f32 {
  var above = 0.0;
  for (var c = 0u; c < params.classes; c++) { above += select(0.0, 1.0, logit(i, c) > logit(i, wanted)); }
  return above;
}

// A single output tells class 1 by exceeding the threshold.
fn predictedClass(i: u32, threshold: f32) -> f32 {
  return select(f32(largestOutput(i)), select(0.0, 1.0, logit(i, 0u) > threshold), params.classes == 1u);
}
