// The figures in the documents, each made from a committed file of results: what `bench --show` prints, and tables.
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { parseLatencyTable } from '../../src/bench/cells/latency-table.js';
import { type TimePart, timePartSchema } from '../../src/bench/profile-summary.js';
import { parseResults } from '../../src/bench/results.js';
import { benchText } from '../../src/bench/show/table.js';
import { networkTable } from '../../src/experiment/cells.js';
import { parseDeclaration } from '../../src/experiment/declaration.js';
import { networkRows } from '../../src/experiment/make-results.js';
import { EXPERIMENT_NAMES } from '../../src/experiment/names.js';
import { studyResultsSchema } from '../../src/study/results.js';
import { benchmarkOf } from '../../src/table/benchmark.js';
import { agreementOfSeeds, spreadOf } from '../../src/table/facts.js';
import { rankSchema } from '../../src/table/rank.js';
import { tableStudyResultsSchema } from '../../src/table/study/results.js';
import { parseTable } from '../../src/table/table-file.js';
import { metricOf } from '../../src/tasks/tasks.js';

function read(name: string): string {
  return readFileSync(new URL(`../../docs/benchmarks/${name}`, import.meta.url), 'utf8');
}

/** What `bench --show` prints. */
function shown(name: string): string {
  return `\`\`\`\n${benchText(parseResults(read(name), name))}\n\`\`\``;
}

const quantizationSchema = z.array(
  z.object({
    ranges: z.string(),
    calibrationImages: z.number(),
    report: z.object({
      form: z.string(),
      measured: z.object({
        accuracy: z.object({ before: z.number(), after: z.number() }),
        departure: z.object({ relativeSquaredError: z.number() }),
      }),
    }),
  }),
);

function quantization(): string {
  const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;
  const runs = quantizationSchema.parse(JSON.parse(read('quantize.json')));
  return markdown(
    ['form', 'ranges', 'calibration images', 'top-1', "squared error, of the logits' mean square"],
    [
      ['float32', '', '', percent(runs[0]?.report.measured.accuracy.before ?? Number.NaN), ''],
      ...runs.map(({ ranges, calibrationImages, report: { form, measured } }) => [
        form,
        form === 'dynamic' ? '' : ranges,
        form === 'dynamic' ? '' : String(calibrationImages),
        percent(measured.accuracy.after),
        measured.departure.relativeSquaredError.toExponential(1),
      ]),
    ],
  );
}

/** How well sums of parts predict whole networks. */
function cells(): string {
  const rows = ['latency-table.json', 'latency-table-1-thread.json'].flatMap((name) => {
    const { threads, prediction } = parseLatencyTable(read(name), name);
    if (prediction === null) throw new Error(`${name} has no prediction`);
    return (
      [
        ['sums of differences', prediction.quality],
        ['sums of parts alone', prediction.qualityAlone],
      ] as const
    ).map(([method, { meanAbsolutePercentageError, meanPercentageError, fit, pearson, kendall }]) => [
      String(threads),
      method,
      `${meanAbsolutePercentageError.toFixed(1)} %`,
      `${meanPercentageError.toFixed(1)} %`,
      fit === null ? '' : `${fit.leaveOneOutError.toFixed(1)} %`,
      pearson?.toFixed(3) ?? '',
      kendall?.toFixed(3) ?? '',
    ]);
  });
  return markdown(
    [
      'threads',
      'predicted by',
      'mean error',
      'mean bias',
      'error behind a fitted line',
      'Pearson',
      'Kendall',
    ],
    rows,
  );
}

const takenSchema = z.object({ stepMs: z.number(), startMs: z.number(), peakRssBytes: z.number() });
const stepsSchema = z.object({
  rows: z.array(
    z.object({
      command: z.string(),
      now: takenSchema,
      allowedMs: z.number().optional(),
      before: takenSchema,
      ratios: takenSchema,
    }),
  ),
});

/** What steps of trainings and searches take, beside what they took and what the machine allows. */
function steps(): string {
  const { rows } = stepsSchema.parse(JSON.parse(read('steps.json')));
  const milliseconds = (value: number | undefined): string =>
    value === undefined ? '' : `${value.toFixed(0)} ms`;
  return markdown(
    ['`npx genonnx`', 'before', 'now', 'ratio', 'allowed', 'start', 'ratio', 'memory', 'ratio'],
    rows.map(({ command, now, before, ratios, allowedMs }) => [
      `\`${command.replace(/ --runs \d+/, '')}\``,
      milliseconds(before.stepMs),
      milliseconds(now.stepMs),
      ratios.stepMs.toFixed(2),
      milliseconds(allowedMs),
      `${(now.startMs / 1000).toFixed(1)} s`,
      ratios.startMs.toFixed(2),
      `${(now.peakRssBytes / 1e9).toFixed(2)} GB`,
      ratios.peakRssBytes.toFixed(2),
    ]),
  );
}

const profilesSchema = z.object({
  rows: z.array(
    z.object({
      name: z.string(),
      threads: z.int(),
      operators: z.array(timePartSchema),
    }),
  ),
});

/** Where the time of steps goes, by operator: those that take a fiftieth of any of them. */
function profiles(): string {
  const { rows } = profilesSchema.parse(JSON.parse(read('profiles.json')));
  const shareIn = (operators: readonly TimePart[], name: string): number =>
    operators.find((part) => part.name === name)?.timeShare ?? 0;
  const names = [...new Set(rows.flatMap(({ operators }) => operators.map(({ name }) => name)))];
  const most = (name: string): number => Math.max(...rows.map(({ operators }) => shareIn(operators, name)));
  return markdown(
    ['operator', ...rows.map(({ name, threads }) => `${name}; ${threads === 1 ? 'one thread' : 'two'}`)],
    names
      .filter((name) => most(name) >= 0.02)
      .sort((a, b) => most(b) - most(a))
      .map((name) => [
        `\`${name}\``,
        ...rows.map(({ operators }) => `${(100 * shareIn(operators, name)).toFixed(0)} %`),
      ]),
  );
}

/** What the networks of published genotypes cost, beside the paper's tables. */
function networks(): string {
  const rows = EXPERIMENT_NAMES.flatMap((name) => {
    const url = new URL(`../../docs/experiments/${name}.yaml`, import.meta.url);
    const declaration = parseDeclaration(readFileSync(url, 'utf8'), name);
    if (declaration.kind === 'codes' || declaration.networks.length === 0) return [];
    return networkTable(networkRows(declaration)).rows.map(([genotype = '', network = '', ...counts]) => [
      declaration.source,
      genotype,
      network,
      ...counts,
    ]);
  });
  const head = ['table', 'genotype', 'network', 'parameters, M: paper', 'counted'];
  const all = [...head, 'multiply-adds, M: paper', 'counted'];
  return markdown(
    all,
    rows.map((row) => all.map((_, column) => row[column] ?? '')),
  );
}

const tables = new URL('../../docs/tables/', import.meta.url);

/** What a table tells apart: how far its networks are spread, and how far its trainings of one are. */
function spread(...names: readonly string[]): string {
  const rows = names.map((name) => {
    const benchmark = benchmarkOf(parseTable(readFileSync(new URL(name, tables), 'utf8'), name));
    const { table, networks, seeds, value } = benchmark;
    const metric = metricOf(table.task, table.metric.name);
    const tests = networks.map((network) => value(network, 'test'));
    const { all, best } = agreementOfSeeds(benchmark, 'test');
    const { between, noise } = spreadOf(benchmark, 'test');
    return [
      `\`${name}\``,
      `${networks.length}`,
      `${seeds.length}`,
      `${metric.format(Math.min(...tests), 2)} to ${metric.format(Math.max(...tests), 2)}`,
      metric.format(between, 2),
      metric.format(noise, 2),
      all?.toFixed(2) ?? '',
      best?.toFixed(2) ?? '',
    ];
  });
  return markdown(
    [
      'table',
      'networks',
      'seeds',
      'test, mean of the seeds',
      's.d. of the networks',
      's.d. of a training',
      'tau of two seeds',
      'in the best fifth',
    ],
    rows,
  );
}

/** What the methods of a study on a table come to. */
function methodsOf(name: string): string {
  const { methods, table } = tableStudyResultsSchema.parse(
    JSON.parse(readFileSync(new URL(name, tables), 'utf8')),
  );
  const metric = metricOf('one-cell', table.metric);
  const fine = (value: number | undefined): string => (value === undefined ? '' : metric.format(value, 2));
  const range = (ends: readonly number[] | null | undefined): string => (ends ?? []).map(fine).join(' to ');
  const p = (value: number | null | undefined): string => {
    if (value === undefined || value === null) return '';
    return value < 0.001 ? '< 0.001' : value.toFixed(3);
  };
  return markdown(
    [
      'method',
      'regret',
      'interval',
      'percentile',
      'difference',
      'to',
      'interval',
      'p, Student',
      'p, sign',
      'search, s',
    ],
    methods.map(({ name: method, regret, percentile, comparison, times }) => [
      method,
      fine(regret?.mean),
      range(regret?.interval),
      percentile === undefined ? '' : (100 * percentile.mean).toFixed(1),
      fine(comparison?.difference.mean),
      comparison?.against ?? '',
      range(comparison?.difference.interval),
      p(comparison?.studentHolm),
      p(comparison?.signHolm),
      times.searchSeconds?.mean.toFixed(0) ?? '',
    ]),
  );
}

/** What searches of a study on a table are worth beside chance of their own form. */
function chance(name: string): string {
  const { methods, table } = tableStudyResultsSchema.parse(
    JSON.parse(readFileSync(new URL(name, tables), 'utf8')),
  );
  const metric = metricOf('one-cell', table.metric);
  const fine = (value: number | undefined): string => (value === undefined ? '' : metric.format(value, 2));
  const rows = methods.flatMap(({ name: method, regret, comparison, times }) => {
    const other = methods.find((one) => one.name === comparison?.against);
    if (comparison === undefined || times.searchSeconds === undefined) return [];
    const { difference, better, worse } = comparison;
    return [
      [
        method,
        fine(regret?.mean),
        fine(other?.regret?.mean),
        fine(difference.mean),
        (difference.interval ?? []).map(fine).join(' to '),
        `${better} of ${better + worse}`,
      ],
    ];
  });
  return markdown(['method', 'regret', 'of untrained alphas', 'difference', 'interval', 'better at'], rows);
}

/** How a supernet orders networks of a table, by epoch, search by search. */
function rank(name: string): string {
  const { searches } = rankSchema.parse(JSON.parse(readFileSync(new URL(name, tables), 'utf8')));
  const shown = (values: readonly (number | null)[]): string =>
    values.map((value) => value?.toFixed(2) ?? '').join(', ');
  const metric = metricOf('one-cell', 'accuracy');
  const rows = (searches[0]?.epochs ?? []).map(({ epoch }, index) => {
    const score = (list: readonly (number | null)[]): string => {
      const value = list[epoch - 1];
      return value === undefined || value === null ? '' : metric.format(value, 1);
    };
    return [
      `${epoch}`,
      shown(searches.map(({ epochs }) => epochs[index]?.all ?? null)),
      shown(searches.map(({ epochs }) => epochs[index]?.best ?? null)),
      searches.map(({ supernet }) => score(supernet)).join(', '),
      searches.map(({ child }) => score(child)).join(', '),
    ];
  });
  return markdown(['epoch', 'tau, all', 'tau, best fifth', 'supernet', 'derived code'], rows);
}

/** What the methods of a study come to under each of its recipes. */
function recipes(name: string): string {
  const url = new URL(`../../docs/studies/${name}`, import.meta.url);
  const { methods, study } = studyResultsSchema.parse(JSON.parse(readFileSync(url, 'utf8')));
  const { name: score, format } = metricOf(study.task, 'accuracy');
  const fine = (value: number | undefined): string => (value === undefined ? '' : format(value, 2));
  return markdown(
    ['method, recipe', 'runs', 'mean', 's.d.', 'interval', 'less random', 'interval', 'parameters'],
    methods.map(({ name: method, finished, test, againstRandom, parameters }) => {
      const difference = againstRandom[0]?.test[score];
      return [
        method,
        `${finished}`,
        fine(test[score]?.mean),
        fine(test[score]?.standardDeviation ?? undefined),
        (test[score]?.interval ?? []).map(fine).join(' to '),
        fine(difference?.mean),
        (difference?.interval ?? []).map(fine).join(' to '),
        parameters === undefined ? '' : `${(parameters.mean / 1000).toFixed(1)} k`,
      ];
    }),
  );
}

function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** By the name that stands in a document's marker. */
export const figures: ReadonlyMap<string, () => string> = new Map([
  ['darts-v2', () => shown('darts-v2.json')],
  ['forms', () => shown('forms.json')],
  ['levels', () => shown('levels.json')],
  ['browser', () => shown('browser.json')],
  ['steps', steps],
  ['profiles', profiles],
  ['quantize', quantization],
  ['cells', cells],
  ['networks', networks],
  ['spread', () => spread('one-cell.json', 'one-cell-others.json')],
  ['tuning', () => methodsOf('tuning.json')],
  ['table-study', () => methodsOf('study.json')],
  ['table-study-others', () => methodsOf('study-others.json')],
  ['chance', () => chance('study.json')],
  ['chance-others', () => chance('study-others.json')],
  ['rank', () => rank('rank.json')],
  ['recipes', () => recipes('recipes.json')],
]);

const marked = /(<!-- figures: ([\w-]+) -->\n)[\s\S]*?(<!-- end of figures -->)/g;

/** A document with its figures as the files have them. */
export function withFigures(text: string): { readonly text: string; readonly names: readonly string[] } {
  const names: string[] = [];
  const replaced = text.replace(marked, (_, open: string, name: string, close: string) => {
    const figure = figures.get(name);
    if (figure === undefined) throw new Error(`no figures are called ${name}`);
    names.push(name);
    return `${open}${figure()}\n${close}`;
  });
  return { text: replaced, names };
}
