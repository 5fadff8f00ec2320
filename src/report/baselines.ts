// How far a result is from what counts alone come to, in words: by how much it beats them, or by how much it does not.
import type { Measures } from '../loop/meter.js';
import { inSentence } from '../loop/metric-title.js';
import type { BaselineData, ScoresData } from './data.js';

/** One paragraph; undefined where there is nothing to compare. */
export function verdict(
  test: ScoresData | undefined,
  baselines: readonly BaselineData[],
  { metrics: [metric] }: Pick<Measures, 'metrics'>,
): string | undefined {
  const value = test?.[metric.name];
  if (value === undefined || value === null || !Number.isFinite(value) || baselines.length === 0)
    return undefined;
  const far = baselines.map(({ name, value: other }) => {
    const percent = (100 * Math.abs(value - other)) / other;
    return `${percent.toFixed(1)} % ${value < other ? 'below' : 'above'} that of ${name} (${metric.format(other, 1)})`;
  });
  const beaten = baselines.filter(({ value: other }) =>
    metric.better === 'lower' ? value < other : value > other,
  );
  const who = whom(baselines, beaten);
  return `The test ${inSentence(metric.title)} of ${metric.format(value, 1)} is ${joined(far)}: the model beats ${who}.`;
}

function whom(all: readonly BaselineData[], beaten: readonly BaselineData[]): string {
  if (beaten.length === 0) return all.length === 1 ? 'nothing yet' : 'none of them';
  if (beaten.length < all.length) return `${joined(beaten.map(({ name }) => name))} only`;
  return all.length === 1 ? 'it' : 'all of them';
}

function joined(parts: readonly string[]): string {
  return parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;
}
