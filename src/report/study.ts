// The report of a study: strip plots of every run, tables of methods and of runs, and how it was done. In: what
// `study.json` holds; out: the text of `report.html`. The words claim nothing beyond the intervals.
import type { Measures, Metric } from '../loop/meter.js';
import { inSentence } from '../loop/metric-title.js';
import type { MethodResult, RunResult, StudyResults } from '../study/results.js';
import { skipsOf } from '../study/summary.js';
import { tasks } from '../tasks/tasks.js';
import { exactly } from './axis-marks.js';
import { compactMark, integer, none, percent, shown } from './format.js';
import { html, Markup } from './html.js';
import { page } from './page.js';
import { configuration, warnings } from './sections.js';
import { type StripOptions, stripPlot } from './strip-plot.js';

type Summary = NonNullable<MethodResult['parameters']>;

/** The same results give the same text. */
export function renderStudy(results: StudyResults): string {
  const { study, data, methods, runs } = results;
  const measures = tasks[study.task].measures;
  const [metric] = measures.metrics;
  const seeds = study.seeds.length === 1 ? 'one seed' : `${study.seeds.length} seeds`;
  const body = html`<main>
<header><h1>${study.name}</h1>
<p class="subtitle">${methods.length} methods, ${seeds}; ${data.name}, ${data.trainExamples} training ${measures.examples}, ${data.testExamples} test ${measures.examples}</p>
${warnings(warningsOf(results))}</header>
<section id="scores"><h2>${testTitle(metric)}</h2>
<p class="muted">One dot for each run; the diamond is the mean, the bar its interval: ${results.statistics.interval}.
The dashed line is the mean of the random baseline. Each child was trained with the same recipe, and its test ${measures.examples} were
read once, at the end.</p>
${strips('score-strips', results, {
  read: (run) => run.test?.[metric.name],
  summary: (method) => method.test[metric.name],
  label: exactly(metric.format),
})}
${methodTable(methods, metric)}</section>
${differences(results, metric)}
<section id="sizes"><h2>What was found</h2>
<p class="muted">One dot for each run. Sizes are those of the trained network; skip connections are counted in all cells.</p>
<div class="plots">
${strips('parameter-strips', results, {
  title: 'Parameters',
  read: (run) => run.parameters,
  summary: (method) => method.parameters,
  label: compactMark,
})}
${strips('mac-strips', results, {
  title: 'Multiply-adds',
  read: (run) => run.macs,
  summary: (method) => method.macs,
  label: compactMark,
})}
${strips('skip-strips', results, {
  title: 'Skip connections',
  read: skipsOf,
  summary: (method) => method.skips,
  label: String,
  whole: true,
})}
${strips('search-strips', results, {
  title: 'Seconds of search',
  read: (run) => run.times.searchSeconds,
  summary: (method) => method.times.searchSeconds,
  label: compactMark,
})}</div>
${baseline(runs)}</section>
${runTable(runs, measures)}
${genotypes(runs)}
${configuration({ study, tools: results.tools, data, times: results.times })}
</main>`;
  return page(study.name, body);
}

function warningsOf({ runs }: StudyResults): string[] {
  const unmatched = runs.filter(({ draw }) => draw?.match?.withinTolerance === false);
  return [
    ...runs.flatMap(({ method, seed, failure }) =>
      failure === undefined
        ? []
        : [`${method}, seed ${seed}: ${failure.stage} failed: ${failure.lastLines.at(-1) ?? 'no message'}`],
    ),
    ...runs.flatMap(({ method, seed, status }) =>
      status === 'unfinished' ? [`${method}, seed ${seed}: not finished.`] : [],
    ),
    ...unmatched.map(
      ({ method, seed }) => `${method}, seed ${seed}: no draw came within the tolerance of the parameters.`,
    ),
  ];
}

/** A number that runs have, and how a plot of it is labelled. */
interface Quantity extends Pick<StripOptions, 'label' | 'whole'> {
  readonly title?: string;
  readonly read: (run: RunResult) => number | undefined;
  readonly summary: (method: MethodResult) => Summary | undefined;
}

/** The runs of each method that have the number, on one scale. */
function strips(
  id: string,
  { methods, runs }: StudyResults,
  { title, read, summary, ...options }: Quantity,
): Markup | undefined {
  const rows = methods.map((method) => ({
    name: method.name,
    colour: method.isRandom ? '--held' : '--train',
    values: runs.flatMap((run) =>
      run.method === method.name && run.status === 'finished' ? (read(run) ?? []) : [],
    ),
    mean: summary(method)?.mean,
    interval: summary(method)?.interval,
  }));
  const known = rows.filter(({ values }) => values.length > 0);
  if (known.length === 0) return undefined;
  const random = methods.find(({ isRandom }) => isRandom);
  const reference = random && summary(random)?.mean;
  return figure(stripPlot(id, known, { ...options, reference }), title);
}

function figure(svg: string, title?: string): Markup {
  return html`<figure class="plot">${title === undefined ? undefined : html`<h3>${title}</h3>`}${new Markup(svg)}</figure>`;
}

/** Each method less the random baseline, seed by seed. */
function differences({ methods, runs }: StudyResults, metric: Metric): Markup | undefined {
  const baselines = methods.filter(({ isRandom }) => isRandom).map(({ name }) => name);
  const sections = baselines.flatMap((random, index) => {
    const compared = methods.flatMap(({ name, againstRandom }) => {
      const difference = againstRandom.find((one) => one.random === random)?.test[metric.name];
      return difference === undefined
        ? []
        : [{ name, difference, values: pairs(runs, name, random, metric) }];
    });
    if (compared.length === 0) return [];
    const rows = compared.map(({ name, difference, values }) => ({
      name,
      colour: '--train',
      values,
      mean: difference.mean,
      interval: difference.interval,
    }));
    return [
      html`<h3>Difference to ${random}</h3>
${figure(stripPlot(`difference-strips-${index}`, rows, { label: exactly(metric.format), reference: 0 }))}
<div class="scroll"><table><thead><tr><th>Method</th><th>Pairs</th><th>Mean difference</th><th>Standard deviation</th><th>Interval</th></tr></thead>
<tbody>${compared.map(
        ({ name, difference }) =>
          html`<tr><td>${name}</td><td>${difference.n}</td><td>${fine(metric, difference.mean)}</td><td>${fine(metric, difference.standardDeviation)}</td><td>${interval(metric, difference)}</td></tr>\n`,
      )}</tbody></table></div>`,
    ];
  });
  if (sections.length === 0) return undefined;
  return html`<section id="differences"><h2>Against random genotypes</h2>
<p class="muted">${testTitle(metric)} of a method less that of the random run with the same seed; ${metric.better} is better. One dot for
each seed that both finished. An interval that holds 0 leaves open which of the two is better.</p>${sections}</section>`;
}

function pairs(runs: readonly RunResult[], method: string, random: string, metric: Metric): number[] {
  const score = (name: string, seed: number): number | undefined =>
    runs.find((run) => run.method === name && run.seed === seed && run.status === 'finished')?.test?.[
      metric.name
    ];
  const seeds = [...new Set(runs.map(({ seed }) => seed))];
  return seeds.flatMap((seed) => {
    const [own, other] = [score(method, seed), score(random, seed)];
    return own === undefined || other === undefined ? [] : [own - other];
  });
}

function methodTable(methods: readonly MethodResult[], metric: Metric): Markup {
  return html`<div class="scroll"><table><thead><tr><th>Method</th><th>Finished</th><th>Failed</th><th>${testTitle(metric)}, mean</th><th>Standard deviation</th><th>Interval</th><th>Parameters</th><th>Multiply-adds</th><th>Skips</th><th>Search, s</th><th>Training, s</th></tr></thead>
<tbody>${methods.map(
    ({ name, finished, failed, test, parameters, macs, skips, times }) =>
      html`<tr><td>${name}</td><td>${finished}</td><td>${failed}</td><td>${fine(metric, test[metric.name]?.mean)}</td><td>${fine(metric, test[metric.name]?.standardDeviation)}</td><td>${interval(metric, test[metric.name])}</td><td>${integer(parameters?.mean)}</td><td>${integer(macs?.mean)}</td><td>${fixed(skips?.mean)}</td><td>${fixed(times.searchSeconds?.mean)}</td><td>${fixed(times.trainSeconds?.mean)}</td></tr>\n`,
  )}</tbody></table></div>`;
}

function runTable(runs: readonly RunResult[], { metrics: [metric] }: Measures): Markup {
  return html`<section id="runs"><h2>Every run</h2><div class="scroll"><table><thead><tr><th>Method</th><th>Seed</th><th>${testTitle(metric)}</th><th>Test loss</th><th>Best validation</th><th>Derived child in the supernet</th><th>Parameters</th><th>Multiply-adds</th><th>Operations</th><th>Skips</th><th>Search, s</th><th>Training, s</th><th></th></tr></thead>
<tbody>${runs.map(
    ({ method, seed, status, operations, skips, search, times, ...run }) =>
      html`<tr><td>${method}</td><td>${seed}</td><td>${fine(metric, run.test?.[metric.name])}</td><td>${shown(run.test?.loss, (loss) => loss.toFixed(4))}</td><td>${coarse(metric, run.validation?.[metric.name])}</td><td>${coarse(metric, search?.child?.[metric.name])}</td><td>${integer(run.parameters)}</td><td>${integer(run.macs)}</td><td>${perCell(operations)}</td><td>${perCell(skips)}</td><td>${fixed(times.searchSeconds)}</td><td>${fixed(times.trainSeconds)}</td><td>${status === 'finished' ? continued(times.continuations) : status}</td></tr>\n`,
  )}</tbody></table></div>
<p class="muted">Operations and skips: one number for each cell type, in their order. Seconds are those of the epochs, without starting up, deriving
and exporting; of an epoch that was cut in two by an interruption, those of its second part.</p></section>`;
}

/** How the random genotypes were drawn. */
function baseline(runs: readonly RunResult[]): Markup | undefined {
  const drawn = runs.flatMap(({ method, seed, draw }) =>
    draw === undefined ? [] : [{ method, seed, draw }],
  );
  if (drawn.length === 0) return undefined;
  return html`<h3>How the random genotypes were drawn</h3>
<p class="muted">Nothing was searched. Where parameters are matched, genotypes are drawn until one comes within the tolerance.</p>
<div class="scroll"><table><thead><tr><th>Method</th><th>Seed</th><th>Draws</th><th>Operations of a node, at most</th><th>Parameters aimed at</th><th>Off by</th><th>Tolerance</th></tr></thead>
<tbody>${drawn.map(
    ({ method, seed, draw: { draws, operationsPerNode, match } }) =>
      html`<tr><td>${method}</td><td>${seed}</td><td>${draws}</td><td>${operationsPerNode}</td><td>${integer(match?.targetParameters)}</td><td>${signedPercent(match?.deviation)}</td><td>${percent(match?.tolerance)}</td></tr>\n`,
  )}</tbody></table></div>`;
}

function genotypes(runs: readonly RunResult[]): Markup {
  const found = runs.filter(({ genotype }) => genotype !== undefined);
  return html`<section id="genotypes"><h2>Genotypes</h2><details><summary>As text, one for each run</summary>
<pre>${found.map(({ method, seed, genotype }) => `${method}, seed ${seed}\n${genotype}\n`).join('\n')}</pre></details></section>`;
}

function continued(times: number): string {
  return times === 0 ? '' : `continued ${times}×`;
}

function perCell(counts: Readonly<Record<string, number>> | undefined): string {
  return Object.values(counts ?? {}).join(' + ') || none;
}

function coarse({ format }: Metric, value: number | undefined): string {
  return shown(value, (x) => format(x, 1));
}

function fine({ format }: Metric, value: number | null | undefined): string {
  return shown(value, (x) => format(x, 2));
}

/** `Test accuracy` */
function testTitle({ title }: Metric): string {
  return `Test ${inSentence(title)}`;
}

function signedPercent(value: number | undefined): string {
  return value === undefined ? none : `${value > 0 ? '+' : ''}${(100 * value).toFixed(1)} %`;
}

function interval(metric: Metric, summary: Summary | undefined): string {
  if (summary === undefined || summary.interval === null) return none;
  return summary.interval.map((end) => fine(metric, end)).join(' to ');
}

function fixed(value: number | undefined): string {
  return value === undefined ? none : value.toFixed(1);
}
