// The page of a rank report: how the order of networks inside a supernet comes to agree with what they are worth when they are
// trained, and how far the supernet is from what is derived of it.
import type { Metric } from '../loop/meter.js';
import { inSentence } from '../loop/metric-title.js';
import type { RankResults } from '../table/rank.js';
import { metricOf, type TaskName } from '../tasks/tasks.js';
import { exactly } from './axis-marks.js';
import type { ChartOptions, Line } from './charts.js';
import { axisText, drawn, fontSize, still } from './drawing.js';
import { shown } from './format.js';
import { html, Markup } from './html.js';
import { page } from './page.js';
import { chart, configuration } from './sections.js';

/** The same results give the same text. */
export function renderRank(results: RankResults, task: TaskName): string {
  const { table, method, searches, networks, settings, tools } = results;
  const metric = metricOf(task, table.metric);
  const title = `How a supernet orders networks: ${method}`;
  const count = Object.keys(networks).length;
  const body = html`<main>
<header><h1>${title}</h1>
<p class="subtitle">${count} networks of ${table.name}; ${searches.length === 1 ? 'one search' : `${searches.length} searches`}, seeds ${searches.map(({ seed }) => seed).join(', ')}</p></header>
${orders(results)}
${gap(results, metric)}
${inside(results, metric)}
${found(results, metric)}
${configuration({ settings, tools })}
</main>`;
  return page(title, body);
}

const size: ChartOptions = { width: 480, height: 280, fontSize: 13 };

function orders({ searches, bestFifth, networks }: RankResults): Markup {
  const lines: Line[] = [
    { name: 'all', colour: '--train', points: means(searches, ({ all }) => all) },
    { name: 'the best fifth', colour: '--held', points: means(searches, ({ best }) => best) },
  ];
  return html`<section id="orders"><h2>Whether it orders them rightly</h2>
<p class="muted">Kendall's tau of what networks come to inside the supernet, each by its own code, with their test scores when they were
trained by themselves: 1 is the same order, 0 none at all. Mean over the searches, by epoch; ${Object.keys(networks).length} networks, and the ${bestFifth} best of them.</p>
<div class="plots">${chart('rank-tau', "Kendall's tau", { ...size, yLabel: (value) => value.toFixed(1) }, lines)}</div>
<div class="scroll"><table><thead><tr><th>Epoch</th><th>All</th><th>By search</th><th>Best fifth</th><th>By search</th></tr></thead>
<tbody>${epochsOf(searches).map(
    (epoch) =>
      html`<tr><td>${epoch}</td><td>${tau(mean(at(searches, epoch, ({ all }) => all)))}</td><td>${taus(at(searches, epoch, ({ all }) => all))}</td><td>${tau(mean(at(searches, epoch, ({ best }) => best)))}</td><td>${taus(at(searches, epoch, ({ best }) => best))}</td></tr>\n`,
  )}</tbody></table></div></section>`;
}

/** The gap of Table 8, by epoch. */
function gap({ searches }: RankResults, metric: Metric): Markup | undefined {
  const length = Math.max(0, ...searches.map(({ child }) => child.length));
  const line = (
    name: string,
    colour: string,
    read: (search: Search) => readonly (number | null)[],
  ): Line => ({
    name,
    colour,
    points: Array.from({ length }, (_, index) => [
      index + 1,
      mean(searches.map((search) => read(search)[index] ?? null)),
    ]),
  });
  const lines = [
    line('the supernet under its own codes', '--train', ({ supernet }) => supernet),
    line('the derived code in the same weights', '--child', ({ child }) => child),
  ].filter(({ points }) => points.some(([, y]) => y !== null));
  if (lines.length === 0) return undefined;
  return html`<section id="gap"><h2>The gap between searching and deriving</h2>
<p class="muted">${metric.title} on the examples of the alphas, by epoch, mean over the searches.</p>
<div class="plots">${chart('rank-gap', metric.title, { ...size, yLabel: exactly(metric.format) }, lines)}</div></section>`;
}

/** Every network after the last epoch of the first search. */
function inside({ searches: [first], networks }: RankResults, metric: Metric): Markup | undefined {
  const last = first?.epochs.at(-1);
  if (first === undefined || last === undefined) return undefined;
  const points = Object.entries(networks).flatMap(([architecture, test]): number[][] => {
    const own = last.inside[architecture];
    return own === undefined || own === null ? [] : [[own, test]];
  });
  const axis = {
    type: 'value',
    scale: true,
    axisTick: { show: false },
    axisLabel: { ...axisText, formatter: exactly(metric.format) },
  };
  const svg = drawn('rank-inside', size, {
    grid: { left: 52, right: 20, top: 12, bottom: 44 },
    xAxis: {
      ...axis,
      name: 'inside the supernet',
      nameLocation: 'middle',
      nameGap: 28,
      nameTextStyle: { color: 'var(--muted)', fontSize },
      axisLine: { lineStyle: { color: 'var(--rule)' } },
      splitLine: { show: false },
    },
    yAxis: { ...axis, splitLine: { lineStyle: { color: 'var(--rule)' } } },
    series: [
      {
        type: 'scatter',
        ...still,
        data: points,
        symbolSize: 6,
        itemStyle: { color: 'var(--train)', opacity: 0.75 },
      },
    ],
  });
  return html`<section id="inside"><h2>Every network</h2>
<p class="muted">A dot for each: what it comes to inside the supernet after epoch ${last.epoch} of seed ${first.seed}, and its test ${inSentence(metric.title)} when it was trained, the mean of the table's seeds.</p>
${figure(svg)}</section>`;
}

function found({ searches }: RankResults, metric: Metric): Markup {
  return html`<section id="found"><h2>What the searches found</h2><div class="scroll"><table><thead><tr><th>Seed</th><th>Regret</th><th>Architecture</th></tr></thead>
<tbody>${searches.map(
    ({ seed, derived, regret }) =>
      html`<tr><td>${seed}</td><td>${shown(regret, (value) => metric.format(value, 2))}</td><td><code>${derived}</code></td></tr>\n`,
  )}</tbody></table></div></section>`;
}

type Search = RankResults['searches'][number];
type Epoch = Search['epochs'][number];

function epochsOf(searches: readonly Search[]): number[] {
  return [...new Set(searches.flatMap(({ epochs }) => epochs.map(({ epoch }) => epoch)))].sort(
    (a, b) => a - b,
  );
}

function at(
  searches: readonly Search[],
  epoch: number,
  read: (epoch: Epoch) => number | null,
): (number | null)[] {
  return searches.flatMap(({ epochs }) => epochs.filter((one) => one.epoch === epoch).map(read));
}

function means(searches: readonly Search[], read: (epoch: Epoch) => number | null): Line['points'] {
  return epochsOf(searches).map((epoch) => [epoch, mean(at(searches, epoch, read))]);
}

/** Of those that are known. */
function mean(values: readonly (number | null)[]): number | null {
  const known = values.flatMap((value) => value ?? []);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
}

function tau(value: number | null): string {
  return shown(value, (known) => known.toFixed(2));
}

function taus(values: readonly (number | null)[]): string {
  return values.map(tau).join(', ');
}

function figure(svg: string): Markup {
  return html`<figure class="plot">${new Markup(svg)}</figure>`;
}
