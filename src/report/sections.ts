// The sections of a report. Each is a function of its part of the data, and nothing where that part is absent or empty.

import { cellToSvg } from '../../exporters/svg.js';
import type { Measures, Metric as TaskMetric } from '../loop/meter.js';
import { inSentence } from '../loop/metric-title.js';
import { asJson, type Json } from '../runs/json.js';
import { edgesOfNode } from '../spaces/search-space.js';
import { exactly } from './axis-marks.js';
import { verdict } from './baselines.js';
import { type CellWords, cellWords } from './cell-words.js';
import { type ChartOptions, type Line, lineChart } from './charts.js';
import type {
  BaselineData,
  GenotypeData,
  Metric,
  ResultData,
  ScoresData,
  SearchData,
  SearchEpochData,
  TextData,
  TrainingData,
  TrainingEpochData,
} from './data.js';
import { bytes, compact, compactMark, integer, milliseconds, none, shown } from './format.js';
import { html, Markup } from './html.js';
import { primitiveColours } from './style.js';

export function warnings(messages: readonly string[]): Markup | undefined {
  if (messages.length === 0) return undefined;
  return html`<ul class="warnings" role="note">${messages.map((message) => html`<li>${message}</li>`)}</ul>`;
}

/** What a result is of, in a sentence for each. */
export function notes(said: Readonly<Record<string, string>>): Markup {
  return html`<p class="subtitle">${Object.entries(said)
    .map(([about, text]) => `${about}: ${text}`)
    .join('; ')}</p>`;
}

/** The figures that one looks for first. */
export function headline(
  { test, parameters, macs, latency, examplesPerSecond }: ResultData,
  measures: Measures,
): Markup {
  const latencyTitle = latency === undefined ? 'Latency' : `Latency, batch ${latency.batch}`;
  const figures: [string, string][] = [
    ...measures.metrics.map((metric): [string, string] => [testTitle(metric), scored(metric, test)]),
    ['Parameters', compact(parameters)],
    ['Multiply-adds', compact(macs)],
    [latencyTitle, milliseconds(latency?.medianMs)],
    [speedTitle(measures), compact(examplesPerSecond)],
  ];
  const known = figures.filter(([, value]) => value !== none);
  return html`<dl class="figures">${known.map(
    ([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`,
  )}</dl>`;
}

/** The models, and below them what the first of them is to beat. */
export function results(
  models: readonly ResultData[],
  baselines: readonly BaselineData[],
  measures: Measures,
): Markup {
  const [metric] = measures.metrics;
  const rows = [
    ...models,
    ...baselines.map(({ name, value }): ResultData => ({ name, test: { [metric.name]: value } })),
  ];
  const beats = verdict(models[0]?.test, baselines, measures);
  const columns: [string, (row: ResultData) => string][] = [
    ...measures.metrics.map((metric): [string, (row: ResultData) => string] => [
      testTitle(metric),
      (row) => scored(metric, row.test),
    ]),
    ['Parameters', (row) => integer(row.parameters)],
    ['Multiply-adds', (row) => integer(row.macs)],
    ['File', (row) => bytes(row.sizeBytes)],
    ['Batch', (row) => integer(row.latency?.batch)],
    ['Latency minimum', (row) => milliseconds(row.latency?.minimumMs)],
    ['Median', (row) => milliseconds(row.latency?.medianMs)],
    ['p90', (row) => milliseconds(row.latency?.p90Ms)],
    [speedTitle(measures), (row) => integer(row.examplesPerSecond)],
  ];
  const used = columns.filter(([, cell]) => rows.some((row) => cell(row) !== none));
  return html`<section id="results"><h2>Results</h2><div class="scroll"><table>
<thead><tr><th>Model</th>${used.map(([name]) => html`<th>${name}</th>`)}</tr></thead>
<tbody>${rows.map(
    (row) => html`<tr><td>${row.name}</td>${used.map(([, cell]) => html`<td>${cell(row)}</td>`)}</tr>\n`,
  )}</tbody></table></div>
${beats === undefined ? undefined : html`<p>${beats}</p>`}</section>`;
}

export async function genotype(data: GenotypeData): Promise<Markup> {
  const drawings: Markup[] = [];
  for (const { title, inputs, cell } of data.cells) {
    const svg = new Markup(
      await cellToSvg({ ...cell, inputs, form: data.kind === 'recurrent' ? data.kind : 'convolutional' }),
    );
    drawings.push(html`<h3>${title}</h3><figure class="drawing">${svg}</figure>\n`);
  }
  return html`<section id="genotype"><h2>Genotype</h2>
<p class="muted">${cellWords[data.kind].drawing}</p>
${drawings}<details><summary>As text</summary><pre>${data.text}</pre></details></section>`;
}

/** `Test accuracy` */
function testTitle({ title }: TaskMetric): string {
  return `Test ${inSentence(title)}`;
}

/** The figure of a metric as its task writes it. */
function scored({ name, format }: TaskMetric, scores: ScoresData | undefined): string {
  return shown(scores?.[name], (value) => format(value, 1));
}

/** `Images a second` */
function speedTitle({ examples }: Measures): string {
  return `${examples.charAt(0).toUpperCase()}${examples.slice(1)} a second`;
}

/** The loss, and every metric of the task, each with a chart of its own. */
function scoreCharts({ metrics }: Measures) {
  return [
    { name: 'loss', title: 'Loss', options: curve },
    ...metrics.map(({ name, title, format }) => ({
      name,
      title,
      options: { ...curve, yLabel: exactly(format) },
    })),
  ];
}

/** What the model wrote. */
export function texts(data: readonly TextData[]): Markup {
  return html`<section id="texts"><h2>Texts that the model wrote</h2>
<p class="muted">Each word is drawn from what the model says of the next one; the text begins behind the end of a line.</p>
${data.map(
  ({ text, seed, temperature }) =>
    html`<figure><blockquote>${text.split('\n').map((line) => html`<p>${line}</p>`)}</blockquote><figcaption class="muted">seed ${seed}, temperature ${temperature}</figcaption></figure>
`,
)}</section>`;
}

/** Drawn at about the size at which it is shown in a row of three. */
const curve: ChartOptions = { width: 380, height: 230, fontSize: 13 };
const share: ChartOptions = { ...curve, yLabel: (value) => `${Math.round(100 * value)} %` };

export function training(
  { heldOut, epochs }: TrainingData,
  baselines: readonly BaselineData[],
  measures: Measures,
): Markup {
  // Level lines through what counts come to: of the first metric, as that is what they are measured by.
  const levels = baselines.map(
    ({ name, value }, index): Line => ({
      name: `${name}, test`,
      colour: cellColour(index + 2),
      points: epochs.map(({ epoch }) => [epoch, value]),
      dashed: true,
    }),
  );
  const series = (
    name: string,
    colour: string,
    read: (epoch: TrainingEpochData) => Metric | undefined,
  ): Line => ({
    name,
    colour,
    points: epochs.map((epoch) => [epoch.epoch, read(epoch) ?? null]),
  });
  return html`<section id="training"><h2>Training of the derived network</h2>
<p class="muted">By epoch; held-out figures are of the ${heldOut} ${measures.examples}.</p><div class="charts">
${scoreCharts(measures).map(({ name, title, options }) =>
  chart(`training-${name}`, title, options, [
    series('training', '--train', (epoch) => epoch.train[name]),
    series(heldOut, '--held', (epoch) => epoch.validation?.[name]),
    ...(name === measures.metrics[0].name ? levels : []),
  ]),
)}
${chart('training-rate', 'Learning rate', { ...curve, yMin: 0 }, [
  series('learning rate', '--train', (epoch) => epoch.learningRate),
])}</div></section>`;
}

export function search(data: SearchData, measures: Measures): Markup {
  const { kind, cellTypes, epochs } = data;
  const series = (
    name: string,
    colour: string,
    read: (epoch: SearchEpochData) => Metric | undefined,
    style: Pick<Line, 'dashed' | 'stepped'> = {},
  ): Line => ({
    name,
    colour,
    points: epochs.map((epoch) => [epoch.epoch, read(epoch) ?? null]),
    ...style,
  });
  return html`<section id="search"><h2>Search</h2>
<p class="muted">Of the supernet under sampled codes, by epoch.</p><div class="charts">
${scoreCharts(measures).map(({ name, title, options }) =>
  chart(`search-${name}`, title, options, [
    series('training', '--train', (epoch) => epoch.train[name]),
    series('validation', '--held', (epoch) => epoch.validation?.[name]),
    series('derived genotype', '--child', (epoch) => epoch.child?.[name], { dashed: true }),
  ]),
)}
${chart('search-entropy', 'Entropy of the probabilities', { ...share, yMin: 0, yMax: 1, yInterval: 0.25 }, [
  ...cellTypes.map(({ name, title }, index) =>
    series(title, cellColour(index), (epoch) => epoch.entropy[name], { dashed: index > 0 }),
  ),
])}
${
  cellWords[kind].hasSkips
    ? chart('search-skips', 'Skip connections in the derived cell', { ...curve, yMin: 0, yWhole: true }, [
        ...cellTypes.map(({ name, title }, index) =>
          series(title, cellColour(index), (epoch) => epoch.skips[name], {
            stepped: true,
            dashed: index > 0,
          }),
        ),
      ])
    : undefined
}
${chart('search-speed', speedTitle(measures), { ...curve, yMin: 0, yLabel: compactMark }, [
  series(`${measures.examples} a second`, '--train', (epoch) => epoch.examplesPerSecond),
])}</div>${probabilities(data)}</section>`;
}

/** Small multiples: how the probabilities of each edge moved, the edges of a node side by side. */
function probabilities({ kind, scope, cellTypes, epochs }: SearchData): Markup {
  const sum =
    scope === 'node'
      ? 'The probabilities of all edges into a node sum to one.'
      : 'The probabilities of an edge sum to one.';
  return html`<section id="probabilities"><h2>Probabilities of the operations</h2>
<p class="muted">One chart for each edge, by epoch, all of a cell on one scale. ${sum}</p>
${cellTypes.map((cellType) => html`<h3>${cellType.title}</h3>${cellProbabilities(cellWords[kind], cellType, epochs)}`)}</section>`;
}

function cellProbabilities(
  words: CellWords,
  { name: type, inputs, primitives }: SearchData['cellTypes'][number],
  epochs: readonly SearchEpochData[],
): Markup {
  const edges = epochs[0]?.probabilities[type]?.length ?? 0;
  const highest = Math.max(0, ...epochs.flatMap((epoch) => epoch.probabilities[type]?.flat() ?? []));
  const yMax = Math.min(1, Math.max(0.1, Math.ceil(highest * 5) / 5));
  const options: ChartOptions = {
    width: 180,
    height: 120,
    fontSize: 12,
    yMin: 0,
    yMax,
    yInterval: yMax / 2,
    yLabel: (value) => `${Math.round(100 * value)} %`,
  };
  const figure = (edge: number, state: number) => {
    const lines = primitives.map(
      (name, column): Line => ({
        name,
        colour: colourOf(column),
        points: epochs.map((epoch) => [epoch.epoch, epoch.probabilities[type]?.[edge]?.[column] ?? null]),
      }),
    );
    const svg = new Markup(lineChart(`${type}-edge-${edge}`, lines, options));
    return html`<figure><figcaption>from ${words.state(state, inputs)}</figcaption>${svg}</figure>`;
  };
  return html`${legend(primitives.map((name, column) => ({ name, colour: colourOf(column) })))}
${nodesOf(edges, inputs).map(
  (ofNode, node) => html`<div class="node"><h4>${words.node(node)}</h4>
<div class="edges">${ofNode.map(figure)}</div></div>`,
)}`;
}

/** The edges of each node of a cell with `edges` edges. */
function nodesOf(edges: number, inputs: number): number[][] {
  const nodes: number[][] = [];
  for (let count = 0; count < edges; ) {
    const ofNode = edgesOfNode({ inputs }, nodes.length);
    nodes.push(ofNode);
    count += ofNode.length;
  }
  return nodes;
}

/** Of the lines of a cell type. */
function cellColour(index: number): string {
  const colours = ['--train', '--held', '--child'] as const;
  return colours[index % colours.length] ?? colours[0];
}

function colourOf(column: number): string {
  return primitiveColours[column % primitiveColours.length] ?? primitiveColours[0];
}

export function chart(
  id: string,
  title: string,
  options: ChartOptions,
  lines: readonly Line[],
): Markup | undefined {
  const known = lines.filter(({ points }) => points.some(([, y]) => y !== null && Number.isFinite(y)));
  if (known.length === 0) return undefined;
  const svg = new Markup(lineChart(id, known, options));
  return html`<figure id="${id}"><h4>${title}</h4>${svg}${known.length > 1 ? legend(known) : undefined}</figure>`;
}

function legend(lines: readonly Pick<Line, 'name' | 'colour' | 'dashed'>[]): Markup {
  return html`<ul class="legend">${lines.map(
    ({ name, colour, dashed }) =>
      html`<li><i${dashed === true ? new Markup(' class="dashed"') : undefined} style="border-color:var(${colour})"></i>${name}</li>`,
  )}</ul>`;
}

/** The configuration, one row for each member that is no object. */
export function configuration(data: object): Markup {
  return html`<section id="configuration"><h2>Configuration</h2><details><summary>Everything that determined this run</summary>
<table class="configuration"><tbody>${flatten(asJson(data)).map(
    ([path, value]) => html`<tr><td>${path}</td><td>${value}</td></tr>\n`,
  )}</tbody></table></details></section>`;
}

function flatten(value: Json, path = ''): [path: string, value: string][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return [[path, typeof value === 'string' ? value : JSON.stringify(value)]];
  }
  return Object.entries(value).flatMap(([key, member]) =>
    flatten(member, path === '' ? key : `${path}.${key}`),
  );
}
