// The page of a benchmark: the receipt, the figures, and plots of what they depend on. In: what `bench --json` prints; out:
// one self-contained HTML file, with no scripts and nothing to load.
import type { BenchResults, Measurement } from '../../bench/results.js';
import { findingsOf } from '../../bench/show/findings.js';
import { facetsOf, groupName } from '../../bench/show/labels.js';
import { digits } from '../../bench/show/numbers.js';
import { sizeName } from '../../bench/sizes.js';
import { METRICS } from '../../tasks/tasks.js';
import { compact, none, percent, shown } from '../format.js';
import { html, type Markup } from '../html.js';
import { page } from '../page.js';
import { configuration, warnings } from '../sections.js';
import { ratios, rounds, tradeOff } from './plots.js';
import { beside, failures, latency, models, placement, receipt } from './tables.js';
import { time } from './time.js';

/** The same results give the same text. */
export function benchPage(results: BenchResults): string {
  const { measurements, device, tool, measuredAt } = results;
  const title = `Benchmark of ${subjectOf(measurements)}`;
  const [only] = measurements;
  const body = html`<main>
<header><h1>${title}</h1>
<p class="subtitle">${device.processor.model}${(device.gpus ?? []).map(({ name }) => `, ${name}`)}; ${measuredAt.slice(0, 10)}, ${tool}</p>
${warnings(findingsOf(results))}
${only !== undefined && measurements.length === 1 ? figures(only) : undefined}</header>
${receipt(results)}
${latency(results)}
${failures(results)}
${tradeOff(results)}
${ratios(results)}
${rounds(results)}
${time(measurements)}
${beside(results)}
${placement(measurements)}
${models(measurements)}
${configuration({ device, measurements: receiptsOf(measurements) })}
</main>`;
  return page(title, body);
}

function subjectOf(measurements: readonly Measurement[]): string {
  const names = [...new Set(facetsOf(measurements).find(({ name }) => name === 'model')?.values)];
  return names.length === 1 ? names.join('') : `${names.length} models`;
}

/** The figures that one looks for first, where there is one measurement only. */
function figures({ summary, execution, achieved, model }: Measurement): Markup {
  const all: [string, string][] = [
    [`Median latency, ${sizeName(execution)}`, `${digits(summary.medianMs)} ms`],
    ['Images a second', digits(summary.imagesPerSecond)],
    ['Words a second', digits(summary.wordsPerSecond)],
    ['Of the measured peak', percent(achieved?.shareOfPeak)],
    ['Parameters', compact(model.parameters)],
    ['Multiply-adds', compact(model.macs)],
    ...METRICS.map(({ title, name, format }): [string, string] => [title, shown(model.scores[name], format)]),
  ];
  return html`<dl class="figures">${all
    .filter(([, value]) => value !== none)
    .map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}

/** The whole receipt of each, which the tables only show in part. */
function receiptsOf(measurements: readonly Measurement[]): object {
  return Object.fromEntries(
    measurements.map(({ model, variant, runtime, execution, roofline, warmUpRuns }, index) => [
      `${index + 1}, ${groupName(measurements, [index])}`,
      { model, variant, runtime, execution, roofline, warmUpRuns },
    ]),
  );
}
