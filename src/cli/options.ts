// Option values, read strictly: what is not wholly a value of the expected kind is refused with the option's name.
import { ConfigError } from "../errors.ts";

/** A command line that can't be understood; the program ends with exit code 2. */
export class UsageError extends ConfigError {}

interface Range {
  readonly min?: number;
  readonly max?: number;
  /** The lower end itself is not allowed. */
  readonly above?: number;
  /** The upper end itself is not allowed. */
  readonly below?: number;
}

const decimal = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** A reader for a whole number within a range. */
export function integer(option: string, range: Range): (text: string) => number {
  return reader(option, "a whole number", range, (text) => (/^[+-]?\d+$/.test(text) ? Number(text) : Number.NaN));
}

/** A reader for a decimal number within a range, for instance 0.5 or 1e-3. */
export function real(option: string, range: Range): (text: string) => number {
  return reader(option, "a number", range, (text) => (decimal.test(text) ? Number(text) : Number.NaN));
}

/** A reader for decimal numbers within a range, parted by commas. */
export function reals(option: string, range: Range): (text: string) => number[] {
  const read = real(option, range);
  return (text) => text.split(",").map((part) => read(part.trim()));
}

/** Bytes of features to keep on the GPU, as `fit` takes them. */
export type FeatureCache = "auto" | "off" | number;

/** A reader for auto, off, or a number of bytes, for instance 512M or 2G. */
export function featureCache(option: string): (text: string) => FeatureCache {
  return (text) => {
    if (text === "auto" || text === "off") return text;
    const [, digits, unit = ""] = /^(\d+)([KMG]?)$/i.exec(text) ?? [];
    const bytes = Number(digits) * 1024 ** " KMG".indexOf(unit.toUpperCase() || " ");
    if (Number.isSafeInteger(bytes)) return bytes;
    throw new UsageError(
      `${option} expects auto, off or a number of bytes such as 800000000, 512M or 2G, got "${text}".`,
    );
  };
}

function reader(option: string, kind: string, range: Range, parse: (text: string) => number) {
  const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = range;
  const { above = Number.NEGATIVE_INFINITY, below = Number.POSITIVE_INFINITY } = range;
  return (text: string) => {
    const value = parse(text);
    const inside = value >= min && value <= max && value > above && value < below;
    if (inside && Number.isFinite(value)) return value;
    throw new UsageError(`${option} expects ${kind}${inWords(range)}, got "${text}".`);
  };
}

function inWords({ min, max, above, below }: Range): string {
  const words = [
    min !== undefined && `of at least ${min}`,
    above !== undefined && `above ${above}`,
    max !== undefined && `of at most ${max}`,
    below !== undefined && `below ${below}`,
  ].filter(Boolean);
  return words.length > 0 ? ` ${words.join(" and ")}` : "";
}
