// Python's format strings, as far as names of files need them.
import { ConfigError } from "../../errors.ts";
import type { Logs } from "../callbacks.ts";

// {{ and }} stand for braces; {name}, {name:04d}, {name:.4f}, {name:8.2e} for values.
const field = /\{\{|\}\}|\{(\w+)(?::(0?)(\d*)(?:d|(?:\.(\d+))?([fe]))?)?\}/g;

/** What makes a path of values. @throws ConfigError for a format that is not known; the path, for a value not there. */
export function filePath(format: string): (values: Logs) => string {
  const rest = format.replaceAll(field, "");
  if (/[{}]/.test(rest)) {
    throw new ConfigError(
      `filepath: in "${format}" expected fields like {epoch:02d}, {val_loss:.4f}, {acc:.2e} or {loss}, and nothing else in braces.`,
    );
  }
  return (values) =>
    format.replaceAll(field, (whole, name?: string, zero?: string, width?: string, digits?: string, type?: string) => {
      if (name === undefined) return whole.slice(1);
      const value = values[name];
      if (value === undefined) {
        throw new ConfigError(`filepath: "${format}" names ${name}, but there are ${Object.keys(values).join(", ")}.`);
      }
      return padded(numberText(value, type, digits), Number(width ?? 0), zero === "0");
    });
}

function numberText(value: number, type: string | undefined, digits: string | undefined): string {
  const decimals = digits === undefined ? 6 : Number(digits); // Python's default
  if (type === "f") return value.toFixed(decimals);
  if (type === "e") return value.toExponential(decimals).replace(/e([+-])(\d)$/, "e$10$2");
  return String(value);
}

/** Numbers stand to the right; zeros go behind the sign. */
function padded(text: string, width: number, zero: boolean): string {
  if (!zero) return text.padStart(width);
  const sign = text.startsWith("-") ? "-" : "";
  return sign + text.slice(sign.length).padStart(width - sign.length, "0");
}
