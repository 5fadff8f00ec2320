// Numbers of a benchmark as people read them: three digits or so, since the fourth is rarely the same twice.
import { none } from '../../report/format.js';

/** 7.514 -> 7.51, 375.2 -> 375 */
export function digits(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return none;
  if (value >= 100) return value.toFixed(0);
  if (value >= 10) return value.toFixed(1);
  return value.toFixed(value >= 1 ? 2 : 3);
}

/** 0.9142 -> 0.914, 0.06421 -> 0.0642 */
export function ratioText(ratio: number): string {
  if (ratio >= 10) return ratio.toFixed(1);
  return ratio >= 0.1 ? ratio.toFixed(3) : ratio.toFixed(4);
}

export function intervalText(interval: readonly [low: number, high: number] | null): string {
  return interval === null ? none : interval.map(ratioText).join(' to ');
}

/** 2 ** 34 -> 16.0 GiB */
export function gibibytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}

/** `a, b and c`, or `a, b and 3 more`: of many, the first `most`. Names with commas in them are set apart by semicolons. */
export function listing(names: readonly string[], most = names.length): string {
  const separator = names.some((name) => name.includes(',')) ? '; ' : ', ';
  const left = names.length - most;
  if (left > 0) return `${names.slice(0, most).join(separator)} and ${left} more`;
  if (names.length < 2 || separator === '; ') return names.join(separator);
  return `${names.slice(0, -1).join(separator)} and ${names.at(-1)}`;
}

export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
