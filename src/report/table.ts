// The page of a table: how its networks are spread, which of them nobody beats at their size, and the best of them drawn. In: the
// file; out: the text of `table.html`.
import { cellToSvg } from '../../exporters/svg.js';
import type { Metric } from '../loop/meter.js';
import { inSentence } from '../loop/metric-title.js';
import { parseAnyGenotype } from '../spaces/parse.js';
import { type Benchmark, benchmarkOf, type Listed } from '../table/benchmark.js';
import { agreementOfSeeds, paretoFront } from '../table/facts.js';
import { isNetwork, type Split, type Table } from '../table/table-file.js';
import { metricOf } from '../tasks/tasks.js';
import { exactly } from './axis-marks.js';
import { axisText, drawn, fontSize, still } from './drawing.js';
import { compactMark, integer, milliseconds, none, shown } from './format.js';
import { html, Markup } from './html.js';
import { page } from './page.js';
import { configuration } from './sections.js';

/** Networks that are drawn. */
const drawnNetworks = 6;
const rowsOfTable = 20;

/** The same table gives the same text. */
export async function renderTable(table: Table): Promise<string> {
  const benchmark = benchmarkOf(table);
  const { networks } = benchmark;
  const metric = metricOf(table.task, table.metric.name);
  const all = Object.values(table.cells);
  const codes = all.reduce((sum, cell) => sum + cell.codes, 0);
  const empty = all.flatMap((cell) => (isNetwork(cell) ? [] : [cell.codes]));
  const ranked = networks.toSorted((a, b) => benchmark.regret(a) - benchmark.regret(b));
  const body = html`<main>
<header><h1>${table.name}</h1>
<p class="subtitle">${codes} codes of the space ${table.space.name}: ${all.filter(isNetwork).length} networks, and ${empty.reduce((a, b) => a + b, 0)} codes through which no path leads; ${table.seeds.length} seeds each; ${table.data.name}</p>
${isWhole(benchmark) ? undefined : html`<ul class="warnings"><li>The table is not finished: these are the ${networks.length} networks that have all of ${benchmark.seeds.length} of its ${table.seeds.length} seeds.</li></ul>`}</header>
${networks.length === 0 ? undefined : sections(benchmark, ranked, metric)}
${await drawings(ranked.slice(0, drawnNetworks), benchmark, metric)}
${configuration({ declaration: table.declaration, recipe: table.recipe, tools: table.tools, data: table.data })}
</main>`;
  return page(table.name, body);
}

function isWhole({ table, networks, seeds }: Benchmark): boolean {
  const count = Object.values(table.cells).filter(isNetwork).length;
  return networks.length === count && seeds.length === table.seeds.length;
}

function sections(benchmark: Benchmark, ranked: readonly Listed[], metric: Metric): Markup {
  const { table, networks } = benchmark;
  const front = paretoFront(benchmark);
  const values = networks.map((network) => benchmark.value(network, 'test'));
  return html`<section id="spread"><h2>How the networks are spread</h2>
<p class="muted">Test ${inSentence(metric.title)} of the last epoch, mean over the seeds. ${agreementText(benchmark)}</p>
<figure class="plot">${new Markup(histogram(values, metric))}</figure></section>
<section id="front"><h2>What size buys</h2>
<p class="muted">A dot for each network; ${front.length} of them, in colour, are such that none that is smaller is as good.</p>
<figure class="plot">${new Markup(scatter(benchmark, front, metric))}</figure></section>
<section id="best"><h2>The best networks</h2>
<p class="muted">Each with the standard deviation over its seeds. The first ${Math.min(rowsOfTable, ranked.length)} of ${ranked.length}; the file has all.</p>
<div class="scroll"><table><thead><tr><th>Test</th><th>s.d.</th><th>Validation</th><th>Parameters</th><th>Multiply-adds</th><th>Latency</th><th>Architecture</th></tr></thead>
<tbody>${ranked
    .slice(0, rowsOfTable)
    .map(
      (network) =>
        html`<tr><td>${metric.format(benchmark.value(network, 'test'), 2)}</td><td>${shown(deviation(benchmark, network, 'test'), (x) => metric.format(x, 2))}</td><td>${table.epochs.validation.length === 0 ? none : metric.format(benchmark.value(network, 'validation'), 2)}</td><td>${integer(network.parameters)}</td><td>${integer(network.macs)}</td><td>${milliseconds(network.latencyMs)}</td><td><code>${network.architecture}</code></td></tr>\n`,
    )}</tbody></table></div></section>`;
}

/** What the table can tell apart, in words. */
function agreementText(benchmark: Benchmark): string {
  const { all, best } = agreementOfSeeds(benchmark, 'test');
  if (all === undefined) return '';
  const of = best === undefined ? '' : `, and ${best.toFixed(2)} among the best fifth`;
  return `Two seeds order the networks with a rank correlation (Kendall's tau, mean over all pairs of seeds) of ${all.toFixed(2)}${of}.`;
}

function deviation({ value, seeds }: Benchmark, network: Listed, split: Split): number | undefined {
  const values = seeds.map((seed) => value(network, split, seed));
  if (values.length < 2) return undefined;
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  return Math.sqrt(values.reduce((sum, one) => sum + (one - mean) ** 2, 0) / (values.length - 1));
}

const size = { width: 480, height: 280 };
const grid = { left: 44, right: 20, top: 12, bottom: 40 };
const bins = 24;

function histogram(values: readonly number[], metric: Metric): string {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const width = (high - low) / bins || 1;
  const counts = new Array<number>(bins).fill(0);
  for (const value of values) counts[Math.min(Math.floor((value - low) / width), bins - 1)]! += 1;
  return drawn('spread', size, {
    grid,
    xAxis: {
      type: 'category',
      data: counts.map((_, bin) => metric.format(low + (bin + 0.5) * width, 0)),
      axisTick: { show: false },
      axisLine: { lineStyle: { color: 'var(--rule)' } },
      axisLabel: { ...axisText, interval: 4 },
    },
    yAxis: { type: 'value', splitLine: { lineStyle: { color: 'var(--rule)' } }, axisLabel: axisText },
    series: [
      { type: 'bar', ...still, data: counts, barCategoryGap: '8%', itemStyle: { color: 'var(--train)' } },
    ],
  });
}

function scatter(benchmark: Benchmark, front: readonly Listed[], metric: Metric): string {
  const point = (network: Listed): number[] => [network.parameters, benchmark.value(network, 'test')];
  const dots = (networks: readonly Listed[], colour: string, symbolSize: number) => ({
    type: 'scatter',
    ...still,
    data: networks.map(point),
    symbolSize,
    itemStyle: { color: `var(${colour})`, opacity: 0.75 },
  });
  const others = benchmark.networks.filter((network) => !front.includes(network));
  const axis = { type: 'value', scale: true, axisTick: { show: false } };
  return drawn('front', size, {
    grid,
    xAxis: {
      ...axis,
      name: 'parameters',
      nameLocation: 'middle',
      nameGap: 26,
      nameTextStyle: { color: 'var(--muted)', fontSize },
      axisLine: { lineStyle: { color: 'var(--rule)' } },
      splitLine: { show: false },
      axisLabel: { ...axisText, formatter: compactMark },
    },
    yAxis: {
      ...axis,
      splitLine: { lineStyle: { color: 'var(--rule)' } },
      axisLabel: { ...axisText, formatter: exactly(metric.format) },
    },
    series: [dots(others, '--p0', 5), dots(front, '--held', 8)],
  });
}

async function drawings(
  best: readonly Listed[],
  benchmark: Benchmark,
  metric: Metric,
): Promise<Markup | undefined> {
  if (best.length === 0) return undefined;
  const figures: Markup[] = [];
  for (const [rank, network] of best.entries()) {
    const { kind, genotype } = parseAnyGenotype(network.genotype);
    const inputs = new Map(
      benchmark.table.space.cellTypes.map((cellType) => [cellType.name, cellType.inputs]),
    );
    for (const [name, cell] of Object.entries(genotype)) {
      const form = kind === 'recurrent' ? kind : 'convolutional';
      const svg = await cellToSvg({ ...cell, inputs: inputs.get(name) ?? 1, form });
      const title = `${rank + 1}: ${metric.format(benchmark.value(network, 'test'), 2)}, ${integer(network.parameters)} parameters`;
      figures.push(html`<figure class="drawing"><h3>${title}</h3>${new Markup(svg)}</figure>\n`);
    }
  }
  return html`<section id="drawings"><h2>What the best look like</h2>
<p class="muted">From left to right: the input of a cell, its nodes, each of which adds up the operations that enter it, and its output.</p>
${figures}</section>`;
}
