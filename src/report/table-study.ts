// The page of a study on a table: how far from the best every choice is, what of the differences is more than chance, and how the
// choices came about. The words claim nothing beyond the intervals and the corrected tests.
import type { Metric } from '../loop/meter.js';
import { intervalMethod } from '../statistics.js';
import { isLookup, type TableStudy } from '../table/study/config.js';
import type { TableMethodResult, TableStudyResults } from '../table/study/results.js';
import { metricOf, type TaskName } from '../tasks/tasks.js';
import { exactly } from './axis-marks.js';
import { none, percent, shown } from './format.js';
import { html, Markup } from './html.js';
import { page } from './page.js';
import { chart, configuration } from './sections.js';
import { stripPlot } from './strip-plot.js';

type Summary = NonNullable<TableMethodResult['regret']>;

/** The same results give the same text. */
export function renderTableStudy(results: TableStudyResults, task: TaskName): string {
  const { study, table, methods, runs } = results;
  const metric = metricOf(task, table.metric);
  const held = methods.find(({ name }) => name === study.reference);
  const failed = runs.filter(({ status }) => status !== 'finished');
  const body = html`<main>
<header><h1>${study.name}</h1>
<p class="subtitle">${methods.length} methods, ${study.seeds.length} seeds; looked up in ${table.name}: ${table.networks} networks of ${table.seeds} seeds each, the best at ${metric.format(table.best, 2)} (${examples(study)})</p>
${failed.length === 0 ? undefined : html`<ul class="warnings">${failed.map(({ method, seed, status, failure }) => html`<li>${method}, seed ${seed}: ${failure ?? status}</li>`)}</ul>`}</header>
<section id="regret"><h2>Regret</h2>
<p class="muted">How far the best network of the table is above what was chosen, on the ${examples(study)}, in the mean of the table's seeds. One
dot for each run; the diamond is the mean, the bar its interval: ${intervalMethod}. The dashed line is the mean of ${study.reference}.</p>
${figure(
  stripPlot(
    'regret-strips',
    methods.flatMap(({ name, regret }) => {
      const values = runs.flatMap((run) => (run.method === name ? (run.regret ?? []) : []));
      if (values.length === 0) return [];
      const colour = name === study.reference ? '--held' : '--train';
      return [{ name, colour, values, mean: regret?.mean, interval: regret?.interval }];
    }),
    { label: exactly(metric.format), reference: held?.regret?.mean },
  ),
)}
${methodTable(methods, study, metric)}</section>
<section id="comparisons"><h2>Against each other</h2>
<p class="muted">Regret less that of another method at the same seed: negative is better. p-values are two-sided, of Student's t of the
differences and of the sign test, corrected by Holm for ${methods.filter(({ comparison }) => comparison !== undefined).length} comparisons.</p>
${comparisonTable(methods, metric)}</section>
${trajectories(results, metric)}
${protocol(results)}
${runTable(results, metric)}
${configuration({ study, table, tools: results.tools })}
</main>`;
  return page(study.name, body);
}

function figure(svg: string): Markup {
  return html`<figure class="plot">${new Markup(svg)}</figure>`;
}

function examples({ split }: TableStudy): string {
  return `${split} examples`;
}

function methodTable(methods: readonly TableMethodResult[], study: TableStudy, metric: Metric): Markup {
  return html`<div class="scroll"><table><thead><tr><th>Method</th><th>Runs</th><th>Score, mean</th><th>Regret, mean</th><th>s.d.</th><th>Interval</th><th>Percentile</th><th>Area</th><th>Search, s</th></tr></thead>
<tbody>${methods.map(
    ({ name, finished, score, regret, percentile, area, times }) =>
      html`<tr><td>${name}</td><td>${finished}</td><td>${fine(metric, score?.mean)}</td><td>${fine(metric, regret?.mean)}</td><td>${fine(metric, regret?.standardDeviation)}</td><td>${interval(metric, regret)}</td><td>${percent(percentile?.mean)}</td><td>${fine(metric, area?.mean)}</td><td>${shown(times.searchSeconds?.mean, (x) => x.toFixed(1))}</td></tr>\n`,
  )}</tbody></table></div>
<p class="muted">Score: of the ${examples(study)}. Percentile: the share of the table's networks that are not better. Area: the mean regret of what would have been chosen after
each epoch of a search, or after each query.</p>`;
}

function comparisonTable(methods: readonly TableMethodResult[], metric: Metric): Markup {
  return html`<div class="scroll"><table><thead><tr><th>Method</th><th>Less</th><th>Pairs</th><th>Mean difference</th><th>Interval</th><th>Better</th><th>Worse</th><th>p, Student</th><th>p, sign</th></tr></thead>
<tbody>${methods.flatMap(({ name, comparison }) =>
    comparison === undefined
      ? []
      : [
          html`<tr><td>${name}</td><td>${comparison.against}</td><td>${comparison.difference.n}</td><td>${fine(metric, comparison.difference.mean)}</td><td>${interval(metric, comparison.difference)}</td><td>${comparison.better}</td><td>${comparison.worse}</td><td>${probability(comparison.studentHolm)}</td><td>${probability(comparison.signHolm)}</td></tr>\n`,
        ],
  )}</tbody></table></div>`;
}

const colours = ['--train', '--held', '--child', '--p7', '--p2', '--p5'] as const;

/** Mean regret by epoch, or query, of methods with more than one. */
function trajectories({ methods, runs }: TableStudyResults, metric: Metric): Markup | undefined {
  const lines = methods.flatMap(({ name }) => {
    const own = runs.flatMap((run) => (run.method === name ? [run.trajectory ?? []] : []));
    const length = Math.min(...own.map((one) => one.length));
    if (own.length === 0 || length < 2 || length > mostPoints) return [];
    const points = Array.from({ length }, (_, at): readonly [number, number] => [
      at + 1,
      own.reduce((sum, one) => sum + (one[at] ?? 0), 0) / own.length,
    ]);
    return [{ name, points }];
  });
  if (lines.length === 0) return undefined;
  const coloured = lines.map((line, index) => ({
    ...line,
    colour: colours[index % colours.length] ?? '--train',
    dashed: index >= colours.length,
  }));
  return html`<section id="trajectories"><h2>How the choice came about</h2>
<p class="muted">Mean regret of what would have been chosen after each epoch of a search, or query of the table.</p>
<div class="plots">${chart('trajectory-lines', 'Mean regret', { width: 480, height: 280, fontSize: 13, yLabel: exactly(metric.format) }, coloured)}</div></section>`;
}

const mostPoints = 200;

/** What the checklist of good practice in architecture search asks of a report (Lindauer and Hutter, 2020), as far as this one knows. */
function protocol({ study, table, methods, runs, tools }: TableStudyResults): Markup {
  const count = (wanted: TableStudyResults['runs'][number]['status']): number =>
    runs.filter(({ status }) => status === wanted).length;
  const items = [
    `Space, data and evaluation are those of the table for every method (SHA-256 ${table.sha256.slice(0, 12)}…). It has ${table.seeds} trainings of each network; a network's score is their mean.`,
    `Data: ${table.data.name}, ${Object.entries(table.data.checksums)
      .map(([file, sum]) => `${file} ${sum.slice(0, 12)}…`)
      .join(', ')}.`,
    `Seeds: ${study.seeds.join(', ')}, the same for every method. Every run is listed: ${count('finished')} finished, ${count('failed')} failed, ${count('unfinished')} not finished.`,
    study.split === 'test'
      ? 'Choices are made by training and validation examples; the test scores of the table are looked at for what was chosen alone.'
      : 'Methods are compared by validation examples, so that what is chosen by this page can still be tested by others.',
    `What was tuned, and on what: ${study.tuned ?? 'the file of the study does not say.'}`,
    `Baselines: ${study.methods.flatMap((method) => (isLookup(method) ? [method.name] : [])).join(', ') || 'none'}; differences are to ${study.reference}, where the table does not say otherwise.`,
    `Budgets: ${study.methods.map((method) => `${method.name}, ${budgetOf(method, methods)}`).join('; ')}. Times are of this machine, other runs beside them.`,
    `Versions: ${Object.entries(tools)
      .map((both) => both.join(' '))
      .join(', ')}.`,
    'To run it again: genonnx study with its file, and the table beside it.',
  ];
  return html`<section id="protocol"><h2>Protocol</h2><ul>${items.map((item) => html`<li>${item}</li>`)}</ul></section>`;
}

/** What a method may use: queries of the table, or a search of so many epochs. */
function budgetOf(method: TableStudy['methods'][number], methods: readonly TableMethodResult[]): string {
  if (isLookup(method)) return method.method === 'random' ? 'one draw' : `${method.queries ?? 'all'} queries`;
  const { epochs } = method.settings;
  const seconds = methods.find(({ name }) => name === method.name)?.times.searchSeconds?.mean;
  return [
    epochs === undefined ? 'the epochs of its preset' : `${epochs} epochs`,
    ...(seconds === undefined ? [] : [`${seconds.toFixed(0)} s a search`]),
  ].join(', ');
}

function runTable({ runs }: TableStudyResults, metric: Metric): Markup {
  return html`<section id="runs"><h2>Every run</h2><details><summary>${runs.length} runs</summary><div class="scroll"><table><thead><tr><th>Method</th><th>Seed</th><th>Score</th><th>Regret</th><th>Percentile</th><th>Area</th><th>In the supernet</th><th>Architecture</th></tr></thead>
<tbody>${runs.map(
    ({ method, seed, status, architecture, score, regret, percentile, area, inSupernet }) =>
      html`<tr><td>${method}</td><td>${seed}</td><td>${fine(metric, score)}</td><td>${fine(metric, regret)}</td><td>${percent(percentile)}</td><td>${fine(metric, area)}</td><td>${fine(metric, inSupernet)}</td><td><code>${architecture ?? status}</code></td></tr>\n`,
  )}</tbody></table></div></details></section>`;
}

function fine({ format }: Metric, value: number | null | undefined): string {
  return shown(value, (x) => format(x, 2));
}

function interval(metric: Metric, summary: Summary | undefined): string {
  if (summary === undefined || summary.interval === null) return none;
  return summary.interval.map((end) => fine(metric, end)).join(' to ');
}

function probability(p: number | null): string {
  return shown(p, (x) => (x < 0.001 ? '< 0.001' : x.toFixed(3)));
}
