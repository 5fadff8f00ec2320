// `rank()`: how well a supernet orders the networks that it holds. A search goes on as always, and after some of its epochs networks
// of a table are evaluated inside of it, each by its code: the rank correlation of what they come to there with what they came to
// when they were trained.

import { openStream } from '../random.js';
import { asJson } from '../runs/json.js';
import type { SearchEpoch, SearchProbe } from '../search/search.js';
import type { Genotype } from '../spaces/genotype.js';
import { parseGenotypeOf } from '../spaces/parse.js';
import type { SpaceForm } from '../spaces/search-space.js';
import { kendallTau } from '../statistics.js';
import { type Benchmark, benchmarkOf, type Listed } from '../table/benchmark.js';
import { bestFifth } from '../table/facts.js';
import type { RankedSearch, RankResults } from '../table/rank.js';
import type { Table } from '../table/table-file.js';
import { requireSearched, type SearchedTaskName, type SearchGivenOf, tasks } from '../tasks/tasks.js';
import { search } from './search.js';
import { type Note, toolVersions } from './session.js';

export interface RankOptions {
  readonly table: Table;
  /** Of the searches, beside what the table says. */
  readonly settings?: SearchGivenOf<SearchedTaskName>;
  /** Networks that are evaluated, drawn at random from the first seed. Default: 60. */
  readonly networks?: number;
  /** Epochs between two evaluations; the last epoch has one. Default: 1. */
  readonly every?: number;
  /** One search each. Default: 1. */
  readonly seeds?: readonly number[];
  readonly threads?: number;
  readonly onNote?: Note;
  readonly onProgress?: (done: number, note: string) => void;
  readonly signal?: AbortSignal;
}

const sizes = ['stages', 'cells', 'channels', 'stemStride', 'width'];
const defaultEpochs = 10;

/** @throws GenonnxError as `search`. */
export async function rank({
  table,
  settings = {},
  networks = 60,
  every = 1,
  seeds = [1],
  onProgress,
  ...options
}: RankOptions): Promise<RankResults> {
  const benchmark = benchmarkOf(table);
  const task = requireSearched(table.task);
  const { declaration } = table;
  const { limit, data } = declaration;
  const sized = Object.entries(declaration.train).filter(([path]) => sizes.includes(path));
  const epochs = settings.epochs ?? defaultEpochs;
  const common = { ...Object.fromEntries(sized), ...settings, data, epochs };
  const given = limit === undefined ? common : { ...common, limit };
  const chosen = drawNetworks(benchmark, networks, seeds[0] ?? 1);
  const searches: RankedSearch[] = [];
  let resolved: object = {};
  for (const [index, seed] of seeds.entries()) {
    if (options.signal?.aborted === true) break;
    const report = newReport(benchmark, chosen, (epoch) => epoch % every === 0 || epoch === epochs);
    const found = await search<SearchedTaskName>({
      task,
      settings: { ...given, seed },
      probe: report.probe,
      onEpoch: report.onEpoch,
      onProgress: (done, note) => onProgress?.((index + done) / seeds.length, `seed ${seed}, ${note}`),
      ...options,
    });
    const { seed: _, ...others } = found.settings;
    resolved = others;
    searches.push({ seed, ...report.of(found.text) });
  }
  return {
    format: 'genonnx-rank',
    version: 1,
    table: { name: table.name, task: table.task, metric: table.metric.name },
    method: settings.method ?? 'egs',
    settings: asJson(resolved),
    tools: { ...toolVersions },
    networks: Object.fromEntries(
      chosen.map((network) => [network.architecture, benchmark.value(network, 'test')]),
    ),
    bestFifth: bestFifth({ ...benchmark, networks: chosen }, 'test').length,
    searches,
  };
}

function drawNetworks({ networks }: Benchmark, count: number, seed: number): Listed[] {
  const order = openStream(seed, 'rank-networks').shuffle(Int32Array.from(networks.keys()));
  const drawn = new Set(order.subarray(0, count));
  return networks.filter((_, index) => drawn.has(index));
}

/** Gathers what a search comes to, epoch by epoch. */
function newReport(benchmark: Benchmark, chosen: readonly Listed[], isAsked: (epoch: number) => boolean) {
  const { table } = benchmark;
  const form: SpaceForm = tasks[table.task].form;
  const metric = table.metric.name;
  const best = bestFifth({ ...benchmark, networks: chosen }, 'test');
  const supernet: (number | null)[] = [];
  const child: (number | null)[] = [];
  const epochs: RankedSearch['epochs'] = [];
  const probe: SearchProbe = async (epoch, evaluate) => {
    if (!isAsked(epoch)) return;
    const inside = new Map<string, number | null>();
    for (const { architecture, genotype } of chosen) {
      const code: Genotype = parseGenotypeOf(form, genotype);
      inside.set(architecture, rounded((await evaluate(code))?.[metric]));
    }
    // What overflows is worse than anything.
    const worst = table.metric.better === 'higher' ? -Number.MAX_VALUE : Number.MAX_VALUE;
    const tau = (list: readonly Listed[]): number | null =>
      kendallTau(
        list.map(({ architecture }) => inside.get(architecture) ?? worst),
        list.map((network) => benchmark.value(network, 'test')),
      ) ?? null;
    epochs.push({ epoch, all: tau(chosen), best: tau(best), inside: Object.fromEntries(inside) });
  };
  const onEpoch = ({ validation, child: derived }: SearchEpoch): void => {
    supernet.push(rounded(validation?.[metric]));
    child.push(rounded(derived?.[metric]));
  };
  const of = (text: string): Omit<RankedSearch, 'seed'> => {
    const found = benchmark.find(parseGenotypeOf(form, text));
    const regret = found === undefined ? {} : { regret: benchmark.regret(found) };
    return { epochs, supernet, child, derived: found?.architecture ?? text, ...regret };
  };
  return { probe, onEpoch, of };
}

function rounded(value: number | undefined): number | null {
  return value === undefined ? null : Number(value.toFixed(4));
}
