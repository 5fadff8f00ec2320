// Two files of results against each other, on a terminal. Nothing is called faster unless the interval says so.
import { none } from '../../report/format.js';
import type { Comparison, ResultsComparison } from '../compare.js';
import type { Ratio } from '../statistics.js';
import { columnsText } from './columns.js';
import { modelNames } from './labels.js';
import { intervalText, ratioText } from './numbers.js';

/** Lines without an end of line behind the last. */
export function comparisonText({ comparisons, onlyBefore, onlyAfter }: ResultsComparison): string {
  return [
    comparisons.length === 0 ? 'The files have no measurement in common.' : table(comparisons),
    ...(comparisons.some(({ ratio }) => ratio !== null) ? [note] : []),
    ...obstacles(comparisons),
    ...only('before', onlyBefore),
    ...only('after', onlyAfter),
  ].join('\n\n');
}

const note =
  'Ratio: latency after over latency before, with its 95 % interval. The two were measured at different times:\n' +
  'what changed on the machine in between is in the ratio and not in the interval.';

/** What a ratio shows, in words. A change smaller than the interval is none that was shown. */
export function verdict({ ratio, interval }: Ratio): string {
  if (interval === null) return 'too few rounds to tell';
  const [low, high] = interval;
  if (high < 1) return `faster: ${percentOff(ratio)} less time`;
  if (low > 1) return `slower: ${percentOff(ratio)} more time`;
  return 'no difference shown';
}

function percentOff(ratio: number): string {
  const percent = 100 * Math.abs(ratio - 1);
  return `${percent < 10 ? percent.toFixed(1) : percent.toFixed(0)} %`;
}

function table(comparisons: readonly Comparison[]): string {
  const models = modelNames(comparisons.map(({ model }) => model));
  const texts = (heading: string, read: (one: Comparison) => string) => ({
    heading: [heading],
    alignment: 'left' as const,
    values: comparisons.map(read),
  });
  const numbers = (heading: string, read: (one: Comparison) => string) => ({
    ...texts(heading, read),
    alignment: 'right' as const,
  });
  return columnsText([
    { heading: ['model'], alignment: 'left', values: models },
    texts('variant', ({ variant }) => variant),
    texts('provider', ({ provider }) => provider),
    texts('precision', ({ precision }) => precision),
    texts('level', ({ optimization }) => optimization),
    numbers('batch', ({ batch }) => String(batch)),
    ...(comparisons.some(({ length }) => length !== undefined)
      ? [numbers('length', ({ length }) => (length === undefined ? none : String(length)))]
      : []),
    numbers('ratio', ({ ratio }) => (ratio === null ? none : ratioText(ratio.ratio))),
    numbers('95 % interval', ({ ratio }) => intervalText(ratio?.interval ?? null)),
    texts('', ({ ratio }) => (ratio === null ? 'not comparable' : verdict(ratio))),
  ]);
}

/** Each reason once, however many measurements it is in the way of. */
function obstacles(comparisons: readonly Comparison[]): string[] {
  const reasons = new Map<string, number>();
  for (const { obstacles } of comparisons) {
    for (const { what, before, after } of obstacles) {
      const text = `- ${what}: ${before} before, ${after} after`;
      reasons.set(text, (reasons.get(text) ?? 0) + 1);
    }
  }
  if (reasons.size === 0) return [];
  const lines = [...reasons].map(([text, count]) =>
    count === comparisons.length ? text : `${text} (${count} of ${comparisons.length})`,
  );
  return [`Why they do not compare\n${lines.join('\n')}`];
}

function only(which: string, names: readonly string[]): string[] {
  return names.length === 0
    ? []
    : [`Only in the file ${which}\n${names.map((name) => `- ${name}`).join('\n')}`];
}
