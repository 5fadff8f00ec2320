// How far a result is from what counts alone come to, in words: by how much it beats them, or by how much it does not.
import type { Measures } from '../loop/meter.js';
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
  const who =
    beaten.length === baselines.length
      ? 'all of them'
      : beaten.length === 0
        ? 'none of them'
        : `${joined(beaten.map(({ name }) => name))} only`;
  return `The test ${metric.title.toLowerCase()} of ${metric.format(value, 1)} is ${joined(far)}: the model beats ${who}.`;
}

function joined(parts: readonly string[]): string {
  return parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;
}
