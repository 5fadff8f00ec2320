// Numbers as people read them. The language is fixed, so that a report does not depend on the machine's.
import type { Metric } from './data.js';

/** What stands where there is no number. */
export const none = '–';

const grouped = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const significant = (digits: number) =>
  new Intl.NumberFormat('en', { maximumSignificantDigits: digits, useGrouping: false });
const precise = significant(3);
/** Marks of an axis lie at round numbers, and may lie close together. */
const exact = significant(7);

/** `value` as `format` writes it, or what stands where there is none. */
export function shown(value: Metric | undefined, format: (value: number) => string): string {
  return value === null || value === undefined || !Number.isFinite(value) ? none : format(value);
}

/** 3349342 -> 3,349,342 */
export const integer = (value: Metric | undefined) => shown(value, (x) => grouped.format(x));

/** 3349342 -> 3.35 M */
export function compact(value: Metric | undefined): string {
  return inUnits(value, precise);
}

/** 3350500 -> 3.3505 M */
export function compactMark(value: number): string {
  return inUnits(value, exact);
}

function inUnits(value: Metric | undefined, digits: Intl.NumberFormat): string {
  return shown(value, (x) => {
    const [factor, unit] = units.find(([factor]) => Math.abs(x) >= factor) ?? [1, ''];
    return `${digits.format(x / factor)}${unit}`;
  });
}

const units = [
  [1e9, ' G'],
  [1e6, ' M'],
  [1e3, ' k'],
] as const;

/** 0.8512 -> 85.1 % */
export const percent = (value: Metric | undefined) => shown(value, (x) => `${(100 * x).toFixed(1)} %`);

/** 12.3456 -> 12.3 ms */
export const milliseconds = (value: Metric | undefined) => shown(value, (x) => `${precise.format(x)} ms`);

/** 1500000 -> 1.5 MB */
export const bytes = (value: Metric | undefined) =>
  shown(value, (x) => (x >= 1e6 ? `${precise.format(x / 1e6)} MB` : `${precise.format(x / 1e3)} kB`));
