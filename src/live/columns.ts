// Lines of journals as columns of numbers: what curves are drawn of, and a tenth of the lines' size.
import type { Columns } from './messages.js';

/** Digits that a curve shows. */
const digits = 6;

type Numbers = ReadonlyMap<string, number>;

/** The numbers of one line by their paths, `train.loss`; what lies in lists is left out. */
export function numbersIn(record: object, prefix = ''): Map<string, number> {
  const found = new Map<string, number>();
  for (const [key, value] of Object.entries(record)) {
    const path = `${prefix}${key}`;
    if (typeof value === 'number') found.set(path, value);
    else if (typeof value === 'object' && value !== null && !Array.isArray(value))
      for (const [name, number] of numbersIn(value, `${path}.`)) found.set(name, number);
  }
  return found;
}

/** The numbers of several lines. */
export function columnsOf(lines: readonly Numbers[]): Columns {
  const names = new Set(lines.flatMap((line) => [...line.keys()]));
  return Object.fromEntries(
    [...names].map((name) => [
      name,
      lines.map((line) => {
        const value = line.get(name);
        return value === undefined || !Number.isFinite(value) ? null : Number(value.toPrecision(digits));
      }),
    ]),
  );
}
