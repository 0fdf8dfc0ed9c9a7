// Every error this library throws on purpose. Each message says what was expected, what came,
// where, and what to do; `code` is for programs.

/** The base of all errors thrown on purpose. */
export class QuasiSvmError extends Error {
  /** A stable name for programs, for instance "config" or "divergence". */
  readonly code: string;

  /** With a code of its own. @param options with the `cause`, where another error is behind this one. */
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }
}

/** An argument or setting that can't be used: a name, a number, a combination. */
export class ConfigError extends QuasiSvmError {
  /** With the code "config". */
  constructor(message: string, options?: ErrorOptions) {
    super("config", message, options);
  }
}

/** Rows, labels or weights whose values or lengths can't be used. */
export class DataError extends QuasiSvmError {
  /** With the code "data". */
  constructor(message: string, options?: ErrorOptions) {
    super("data", message, options);
  }
}

/** A file that is truncated, of another kind, or says something unknown. */
export class FormatError extends QuasiSvmError {
  /** With the code "format". */
  constructor(message: string, options?: ErrorOptions) {
    super("format", message, options);
  }
}

/** No usable adapter, a lost device, a shader that does not compile, or a limit exceeded. */
export class DeviceError extends QuasiSvmError {
  /** With the code "device". */
  constructor(message: string, options?: ErrorOptions) {
    super("device", message, options);
  }
}

/** Weights, logits or losses became NaN or infinite: the learning rate is too large, or the inputs are. */
export class DivergenceError extends QuasiSvmError {
  /**
   * The first training step, counted from 1 over the whole fit, that gave a value that is not finite; where an
   * evaluation found it, the number of training steps before.
   */
  readonly step: number;

  /** With the code "divergence". */
  constructor(message: string, step: number) {
    super("divergence", message);
    this.step = step;
  }
}

/** A value as an error message shows it: text in quotes, numbers with NaN and infinity, other things by their kind. */
export function show(value: unknown): string {
  if (typeof value === "string" || Array.isArray(value)) return JSON.stringify(value);
  if (typeof value !== "object" || value === null) return String(value);
  return value.constructor?.name ?? "an object";
}

/** @throws ConfigError for a key that is not among the known ones: a misspelt option must not be passed over. */
export function checkOptions(given: object, known: readonly string[], what: string): void {
  if (typeof given !== "object" || given === null) {
    throw new ConfigError(`${what}: expected an object of options, got ${show(given)}.`);
  }
  const unknown = Object.keys(given).find((key) => !known.includes(key));
  if (unknown !== undefined) {
    throw new ConfigError(`${what}: unknown option "${unknown}". Known: ${known.join(", ")}.`);
  }
}
