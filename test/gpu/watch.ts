// How tests see what is asked of a device.

/** Has `note` called after each call of a method, on any object of the prototype. @returns what undoes it. */
export function watch<T extends object, K extends keyof T>(
  prototype: T,
  name: K,
  note: T[K] extends (...args: infer A) => infer R ? (self: T, args: A, result: R) => void : never,
): () => void {
  const method = prototype[name] as (...args: unknown[]) => unknown;
  const watched = function (this: T, ...args: unknown[]) {
    const result = method.apply(this, args);
    (note as (self: T, args: unknown[], result: unknown) => void)(this, args, result);
    return result;
  };
  Object.assign(prototype, { [name]: watched });
  return () => Object.assign(prototype, { [name]: method });
}
