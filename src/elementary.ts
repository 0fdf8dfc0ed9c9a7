// Logarithm, sine and cosine in plain IEEE arithmetic (+ - * / and sqrt), which every engine rounds alike.
// Engines differ in the last bit of Math.log and Math.cos; a seed must not.

const words = new DataView(new ArrayBuffer(8));

/** Natural logarithm of a positive normal number: x = m 2^e, log m = 2 artanh((m - 1) / (m + 1)). */
export function log(x: number): number {
  words.setFloat64(0, x);
  const high = words.getUint32(0);
  let exponent = (high >>> 20) - 1023;
  words.setUint32(0, (high & 0xfffff) | 0x3ff00000);
  let mantissa = words.getFloat64(0); // [1, 2)
  if (mantissa > Math.SQRT2) {
    mantissa /= 2;
    exponent += 1;
  }
  const s = (mantissa - 1) / (mantissa + 1); // |s| < 0.1716
  const y = s * s;
  let sum = 0;
  for (let k = 23; k >= 1; k -= 2) sum = sum * y + 1 / k;
  return exponent * Math.LN2 + 2 * s * sum;
}

/** sin(pi x) for |x| <= 1/2, Taylor's series. */
export function sinPi(x: number): number {
  const angle = Math.PI * x;
  const y = angle * angle;
  let sum = 0;
  for (let k = 21; k >= 3; k -= 2) sum = ((sum + 1) * -y) / (k * (k - 1));
  return angle * (sum + 1);
}

/** cos(pi x) for |x| <= 1/2. */
export function cosPi(x: number): number {
  return sinPi(0.5 - (x < 0 ? -x : x));
}
