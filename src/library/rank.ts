// `rank()`: how well a supernet orders the networks that it holds. A search goes on as always, and after some of its epochs networks
// of a table are evaluated inside of it, each by its code: the rank correlation of what they come to there with what they came to
// when they were trained.

import { openStream } from '../random.js';
import type { SearchProbe } from '../search/search.js';
import type { Genotype } from '../spaces/genotype.js';
import { parseGenotypeOf } from '../spaces/parse.js';
import type { SpaceForm } from '../spaces/search-space.js';
import { kendallTau } from '../statistics.js';
import { benchmarkOf, type Listed } from '../table/benchmark.js';
import { bestFifth } from '../table/facts.js';
import type { RankResults } from '../table/rank.js';
import type { Table } from '../table/table-file.js';
import { requireSearched, type SearchedTaskName, type SearchGivenOf, tasks } from '../tasks/tasks.js';
import { search } from './search.js';
import type { Note } from './session.js';

export interface RankOptions {
  readonly table: Table;
  /** Of the search, beside what the table says. */
  readonly settings?: SearchGivenOf<SearchedTaskName>;
  /** Networks that are evaluated, drawn at random. Default: 60. */
  readonly networks?: number;
  /** Epochs between two evaluations; the last epoch has one. Default: 1. */
  readonly every?: number;
  readonly seed?: number;
  readonly threads?: number;
  readonly out?: string;
  readonly onNote?: Note;
  readonly onProgress?: (done: number, note: string) => void;
  readonly signal?: AbortSignal;
}

const sizes = ['stages', 'cells', 'channels', 'stemStride', 'width'];

/** @throws GenonnxError as `search`. */
export async function rank({
  table,
  settings = {},
  networks = 60,
  every = 1,
  seed = 1,
  ...options
}: RankOptions): Promise<RankResults> {
  const benchmark = benchmarkOf(table);
  const task = requireSearched(table.task);
  const form: SpaceForm = tasks[task].form;
  const order = openStream(seed, 'rank-networks').shuffle(Int32Array.from(benchmark.networks.keys()));
  const drawn = new Set(order.subarray(0, networks));
  const chosen = benchmark.networks.filter((_, index) => drawn.has(index));
  const best = bestFifth({ ...benchmark, networks: chosen }, 'test');
  const truth = (list: readonly Listed[]): number[] =>
    list.map((network) => benchmark.value(network, 'test'));
  const metric = table.metric.name;
  const epochs: RankResults['epochs'] = [];
  const { declaration } = table;
  const given = Object.fromEntries(
    Object.entries(declaration.train).filter(([path]) => sizes.includes(path)),
  );
  const last = settings.epochs ?? 10;
  const probe: SearchProbe = async (epoch, evaluate) => {
    if (epoch % every !== 0 && epoch !== last) return;
    const inside = new Map<string, number>();
    for (const network of chosen) {
      const genotype: Genotype = parseGenotypeOf(form, network.genotype);
      inside.set(network.architecture, (await evaluate(genotype))?.[metric] ?? 0);
    }
    const of = (list: readonly Listed[]): number[] =>
      list.map(({ architecture }) => inside.get(architecture) ?? 0);
    epochs.push({
      epoch,
      all: kendallTau(of(chosen), truth(chosen)) ?? null,
      best: kendallTau(of(best), truth(best)) ?? null,
      inside: Object.fromEntries(
        [...inside].map(([architecture, value]) => [architecture, Number(value.toFixed(4))]),
      ),
    });
  };
  const { limit, data } = declaration;
  const { text, settings: whole } = await search<SearchedTaskName>({
    task,
    settings: { ...given, ...settings, data, ...(limit === undefined ? {} : { limit }), seed, epochs: last },
    probe,
    ...options,
  });
  const found = benchmark.find(parseGenotypeOf(form, text));
  return {
    format: 'genonnx-rank',
    version: 1,
    table: table.name,
    metric,
    networks: chosen.length,
    bestFifth: best.length,
    seed,
    method: whole.method,
    epochs,
    derived: found?.architecture ?? text,
    ...(found === undefined ? {} : { regret: benchmark.regret(found) }),
  };
}
