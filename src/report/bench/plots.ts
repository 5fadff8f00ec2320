// The plots of latencies on a benchmark's page: against what a model is worth, against each other, and round by round.
import type { BenchResults, Measurement } from '../../bench/results.js';
import { ratiosOf, roundMedians } from '../../bench/show/findings.js';
import { shortened, shortenedAll } from '../../bench/show/labels.js';
import { digits } from '../../bench/show/numbers.js';
import { quantiles } from '../../quantiles.js';
import { METRICS } from '../../tasks/tasks.js';
import { exactly } from '../axis-marks.js';
import { type ChartOptions, lineChart } from '../charts.js';
import { compact, compactMark } from '../format.js';
import { html, Markup } from '../html.js';
import { longestStripName, type Strip, stripPlot } from '../strip-plot.js';
import { capital, namesInGroups, type SizeGroup, sizeGroups } from './groups.js';
import { scatterPlot } from './scatter.js';

interface Worth {
  readonly name: string;
  readonly of: (measurement: Measurement) => number | null;
  /** How to read the plot. */
  readonly note: string;
  readonly label: (value: number) => string;
  /** Of a mark of the axis. */
  readonly mark: (value: number) => string;
}

const note = 'As the model files say it.';

/** The first that all models say is drawn. */
const worths: readonly Worth[] = [
  ...METRICS.map(
    ({ title, name, better, format }): Worth => ({
      name: title,
      of: ({ model }) => model.scores[name] ?? null,
      note: `${better === 'higher' ? 'Up' : 'Down'} and to the left is better.`,
      label: (value) => format(value),
      mark: exactly(format),
    }),
  ),
  { name: 'parameters', of: ({ model }) => model.parameters, note, label: compact, mark: compactMark },
  {
    name: 'multiply-adds of an image',
    of: ({ model }) => model.macs,
    note,
    label: compact,
    mark: compactMark,
  },
];

/** More points than this have numbers beside them, and their names below. */
const mostNamed = 6;

export function tradeOff({ measurements }: BenchResults): Markup {
  const worth = worths.find(({ of }) => measurements.every((one) => of(one) !== null));
  const title = worth === undefined ? 'Cost against latency' : `${capital(worth.name)} against latency`;
  return html`<section id="trade-off"><h2>${title}</h2>
${tradeOffBody(measurements, worth)}</section>`;
}

function tradeOffBody(measurements: readonly Measurement[], worth: Worth | undefined): Markup {
  if (worth === undefined)
    return html`<p class="muted">Nothing to draw: not all of these models say a score, parameters or multiply-adds.</p>`;
  if (measurements.length === 1)
    return html`<p class="muted">Nothing to draw: there is a single measurement.</p>`;
  const plots = sizeGroups(measurements).map((group) => tradeOffPlot(measurements, group, worth));
  // Batches of the same candidates share the names of their numbers.
  const keys = new Set(plots.map(({ key }) => key.join('\n')));
  return html`<p class="muted">${worth.note}</p>
<div class="plots">${plots.map(
    ({ svg, title, key }) =>
      html`<figure><h4>${title}</h4>${svg}${keys.size > 1 ? keyOf(key) : undefined}</figure>`,
  )}</div>${keys.size === 1 ? keyOf(plots[0]?.key ?? []) : undefined}`;
}

interface TradeOffPlot {
  readonly svg: Markup;
  readonly title: string;
  /** Numbers and names of the points, where the names have no room beside them. */
  readonly key: readonly string[];
}

function tradeOffPlot(
  measurements: readonly Measurement[],
  { name, id, indices }: SizeGroup,
  worth: Worth,
): TradeOffPlot {
  const names = namesInGroups(measurements);
  const isNumbered = indices.length > mostNamed;
  const points = indices.flatMap((index, at) => {
    const measurement = measurements[index];
    const y = measurement === undefined ? null : worth.of(measurement);
    if (measurement === undefined || y === null) return [];
    const { medianMs, p90Ms } = measurement.summary;
    return [{ label: isNumbered ? String(at + 1) : shortened(names[index] ?? '', 30), medianMs, p90Ms, y }];
  });
  return {
    svg: new Markup(
      scatterPlot(`trade-off-${id}`, points, {
        yLabel: worth.label,
        yMark: worth.mark,
        xMark: axisNumber,
      }),
    ),
    title: `${capital(worth.name)}, ${name}`,
    key: isNumbered ? indices.map((index, at) => `${at + 1} ${shortened(names[index] ?? '', 44)}`) : [],
  };
}

function keyOf(entries: readonly string[]): Markup | undefined {
  if (entries.length === 0) return undefined;
  return html`<ul class="legend">${entries.map((entry) => html`<li class="muted">${entry}</li>`)}</ul>`;
}

const axisNumber = exactly((value, digits) => value.toFixed(digits));

/** Ratios that are further apart than this many times are drawn on a logarithmic axis. */
const widestLinear = 5;

export function ratios(results: BenchResults): Markup {
  const { measurements } = results;
  const names = namesInGroups(measurements);
  const found = ratiosOf(results);
  const plots = sizeGroups(measurements).flatMap(({ name: size, id, indices }) => {
    const compared = found.filter(({ candidate }) => indices.includes(candidate));
    const reference = compared[0]?.reference;
    if (reference === undefined) return [];
    const values = compared.map(({ candidate }) => roundRatios(measurements, candidate, reference));
    const every = [1, ...values.flat()];
    const isLogarithmic = Math.max(...every) > widestLinear * Math.min(...every);
    const shown = shortenedAll(
      compared.map(({ candidate }) => names[candidate] ?? ''),
      longestStripName,
    );
    const strips = compared.map(
      ({ ratio }, row): Strip => ({
        name: shown[row] ?? '',
        colour: '--train',
        values: values[row] ?? [],
        mean: ratio.ratio,
        interval: ratio.interval,
      }),
    );
    const svg = stripPlot(`ratios-${id}`, strips, {
      label: axisNumber,
      reference: 1,
      logarithmic: isLogarithmic,
    });
    return [
      html`<figure class="plot"><h3>${capital(size)}: latency divided by that of ${shortened(names[reference] ?? '', 60)}</h3>
${new Markup(svg)}</figure>`,
    ];
  });
  return html`<section id="ratios"><h2>Ratios</h2>
${
  plots.length === 0
    ? html`<p class="muted">Nothing to compare: no two measurements have the same batch and the same rounds.</p>`
    : html`<p class="muted">One dot for each round, the first above; the diamond is the ratio, the bar its 95 % interval. An interval
that holds 1, the dashed line, leaves open which of the two is faster.</p><div class="plots">${plots}</div>`
}</section>`;
}

/** Round by round, medians. */
function roundRatios(measurements: readonly Measurement[], candidate: number, reference: number): number[] {
  const others = roundMedians(measurements[reference]?.roundsMs ?? []);
  return roundMedians(measurements[candidate]?.roundsMs ?? []).map(
    (median, round) => median / (others[round] ?? Number.NaN),
  );
}

/** Between 0 and a round that took many times as long as the middle one. */
const mostRoundMarks = 5;
/** Fewer charts than this are drawn larger. */
const fewCharts = 4;
const large: ChartOptions = { width: 380, height: 200, fontSize: 13 };
const small: ChartOptions = { width: 180, height: 120, fontSize: 12 };

export function rounds({ measurements }: BenchResults): Markup {
  const names = namesInGroups(measurements);
  const relative = measurements.map(({ roundsMs }) => {
    const medians = roundMedians(roundsMs);
    const middle = quantiles(medians)(0.5);
    return medians.map((median) => median / middle);
  });
  // At least 5 % to either side, so that noise does not look like drift.
  const spread = Math.max(0.05, ...relative.flat().map((value) => Math.abs(value - 1)));
  const reach = Math.ceil(spread * 20) / 20;
  // Rounds that took more than twice as long are on a scale from 0, with a mark at 100 % too.
  const scale =
    reach <= 1
      ? { yMin: 1 - reach, yMax: 1 + reach, yInterval: reach }
      : { yMin: 0, yMax: Math.ceil(1 + reach), yInterval: Math.ceil((1 + reach) / mostRoundMarks) };
  const isFew = measurements.length < fewCharts;
  const options: ChartOptions = {
    ...(isFew ? large : small),
    ...scale,
    yLabel: (value) => `${Math.round(100 * value)} %`,
  };
  const groups = sizeGroups(measurements);
  return html`<section id="rounds"><h2>Round by round</h2>
<p class="muted">The median of each round, in percent of the middle one, all on one scale. The rounds of a batch ran side by
side: what moves in all of them is the machine.</p>
${groups.map(
  ({ name: size, indices }) => html`${groups.length === 1 ? undefined : html`<h3>${capital(size)}</h3>`}
<div class="${isFew ? 'charts' : 'edges'}">${indices.map((index) => {
    const points = (relative[index] ?? []).map((value, round) => [round + 1, value] as const);
    const svg = lineChart(`rounds-${index + 1}`, [{ name: 'median', colour: '--train', points }], options);
    const middle = digits(quantiles(roundMedians(measurements[index]?.roundsMs ?? []))(0.5));
    return html`<figure><figcaption>${shortened(names[index] ?? '', isFew ? 50 : 44)}, ${middle} ms</figcaption>${new Markup(svg)}</figure>`;
  })}</div>`,
)}</section>`;
}
