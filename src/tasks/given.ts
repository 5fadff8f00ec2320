// Settings as they are given: some of a preset's members, at any depth.

export type Given<T> = { readonly [K in keyof T]?: T[K] extends object | undefined ? Given<T[K]> : T[K] };

type Plain = Readonly<Record<string, unknown>>;

function isPlain(value: unknown): value is Plain {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `base` with what is given in its places. A schema checks the result. */
export function withGiven(base: object, given: object): Record<string, unknown> {
  const result: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(given)) {
    if (value === undefined) continue;
    const own = result[key];
    result[key] = isPlain(value) ? withGiven(isPlain(own) ? own : {}, value) : value;
  }
  return result;
}

/** `base` with values at dotted paths, `weights.learningRate`, however deep. A schema checks the result. */
export function withPaths(base: object, paths: ReadonlyMap<string, unknown>): Record<string, unknown> {
  return [...paths].reduce<Record<string, unknown>>(
    (result, [path, value]) => withGiven(result, nested(path.split('.'), value)),
    { ...base },
  );
}

/** `['a', 'b']` and a value: `{ a: { b: value } }`. */
function nested([head = '', ...rest]: readonly string[], value: unknown): Record<string, unknown> {
  return { [head]: rest.length === 0 ? value : nested(rest, value) };
}
