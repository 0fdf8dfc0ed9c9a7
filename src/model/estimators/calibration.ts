// Probabilities from decision values: softmax(t f), with the t that suits rows not trained on.
// Guo et al., "On Calibration of Modern Neural Networks", 2017: temperature scaling, with t = 1 / temperature.

/** Rows of values, one for each class. */
export interface ClassValues {
  /** [rows, classes] */
  readonly data: ArrayLike<number>;
  readonly shape: readonly [rows: number, classes: number];
}

const mostSteps = 200;
/** Of t, relative. */
const precision = 1e-12;

/** softmax(t f) row by row, in float64, [rows, classes] f32. */
export function softmax({ data, shape: [rows, classes] }: ClassValues, t = 1): Float32Array {
  const probabilities = new Float32Array(rows * classes);
  const row = new Float64Array(classes);
  for (let r = 0; r < rows; r++) {
    softmaxRow(data, r * classes, t, row);
    probabilities.set(row, r * classes);
  }
  return probabilities;
}

/**
 * The t >= 0 that makes softmax(t f) most likely for the labels, by Newton's method in float64, kept between bounds: the
 * log-likelihood is concave in t, so that its slope tells on which side of t the best one lies. As in Platt scaling (Lin,
 * Lin and Weng, 2007) the targets keep away from 0 and 1: the right class of each of n rows gets (n + 1) / (n + 2) and the
 * others share the rest, so that t stays finite where every row is right.
 * @param labels [rows] indices of classes.
 */
export function fitTemperature(values: ClassValues, labels: ArrayLike<number>): number {
  const [rows, classes] = values.shape;
  const { data } = values;
  const right = (rows + 1) / (rows + 2);
  const wrong = (1 - right) / (classes - 1);
  const p = new Float64Array(classes);
  /** First and second derivative by t of -log likelihood. */
  const at = (t: number) => {
    let slope = 0;
    let curvature = 0;
    for (let r = 0; r < rows; r++) {
      const begin = r * classes;
      softmaxRow(data, begin, t, p);
      let expected = 0;
      let square = 0;
      let target = 0;
      for (let k = 0; k < classes; k++) {
        const f = data[begin + k] as number;
        expected += (p[k] as number) * f;
        square += (p[k] as number) * f * f;
        target += (k === labels[r] ? right : wrong) * f;
      }
      slope += expected - target;
      curvature += square - expected * expected;
    }
    return { slope, curvature };
  };
  if (at(0).slope >= 0) return 0;
  let low = 0;
  let high = 1;
  while (at(high).slope < 0) {
    low = high;
    high *= 2;
  }
  let t = (low + high) / 2;
  for (let step = 0; step < mostSteps && high - low > precision * high; step++) {
    const { slope, curvature } = at(t);
    if (slope < 0) low = t;
    else high = t;
    const next = t - slope / curvature;
    if (Math.abs(next - t) <= precision * t) return next;
    // Where the softmax is flat, Newton's step leads out of the bounds.
    t = next > low && next < high ? next : (low + high) / 2;
  }
  return t;
}

/** softmax(t f) of one row into `into`. */
function softmaxRow(data: ArrayLike<number>, begin: number, t: number, into: Float64Array): void {
  let most = Number.NEGATIVE_INFINITY;
  for (let k = 0; k < into.length; k++) most = Math.max(most, t * (data[begin + k] as number));
  let sum = 0;
  for (let k = 0; k < into.length; k++) {
    into[k] = Math.exp(t * (data[begin + k] as number) - most);
    sum += into[k] as number;
  }
  for (let k = 0; k < into.length; k++) into[k] = (into[k] as number) / sum;
}
