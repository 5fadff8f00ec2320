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
