// `tableStudy()`: what `genonnx study` does with a file that names a table. Methods search as always, each search a command in a
// process of its own, and what they find is looked up; others ask the table alone.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import os from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import type { Engine } from '../engines/engine.js';
import { openEngine } from '../engines/here.js';
import { METHOD_TABLE } from '../estimators/methods.js';
import { sha256Hex } from '../hash.js';
import { openStream } from '../random.js';
import { asUnreadable } from '../runs/file-errors.js';
import { FolderFiles } from '../runs/folder-files.js';
import { Journal } from '../runs/journal.js';
import { createRunFolder, openRunFolder, type RunFolder } from '../runs/run-folder.js';
import { runFiles, volatileKeys } from '../runs/run-store.js';
import { readSearchJournal } from '../search/search-journal.js';
import { parseGenotypeOf } from '../spaces/parse.js';
import type { SpaceForm } from '../spaces/search-space.js';
import { type StartChild, startChild } from '../study/child-process.js';
import type { ChildOptions } from '../study/child-settings.js';
import { isSearched } from '../study/read-run.js';
import { Slots } from '../study/slots.js';
import { type Benchmark, benchmarkOf, type Listed } from '../table/benchmark.js';
import type { Declaration } from '../table/declaration.js';
import {
  isLookup,
  type Lookup,
  parseTableStudy,
  type Searched,
  type TableStudy,
} from '../table/study/config.js';
import { lookUp, type Scores } from '../table/study/lookups.js';
import { type TableRun, type TableStudyResults, tableStudyResultsSchema } from '../table/study/results.js';
import { searchArguments, searchIn, searchName } from '../table/study/search-command.js';
import { summariseTableRuns } from '../table/study/summarise.js';
import { gradientNorm, synflow } from '../table/study/untrained.js';
import { parseTable } from '../table/table-file.js';
import { settingsOf } from '../table/train-row.js';
import type { Task, TaskData } from '../tasks/task.js';
import { type TaskName, type TaskShapes, tasks } from '../tasks/tasks.js';
import { resolveLayout } from './layout.js';
import { type Note, toolVersions } from './session.js';
import { taskData } from './task-data.js';

export interface TableStudyOptions {
  readonly file: string;
  /** Where everything goes; a study that was stopped there is continued. */
  readonly folder: string;
  /** Searches side by side. Default: as many as there are cores for. */
  readonly jobs?: number | undefined;
  readonly optionsOf: (task: TaskName) => ChildOptions;
  readonly onNote?: Note;
  readonly signal?: AbortSignal;
  readonly start?: StartChild;
}

/** What is known of a study on a table once nothing more happens to it, and its folder. */
export interface TableStudied {
  readonly place: string;
  readonly results: TableStudyResults;
}

export const tableStudyFiles = { results: 'study.json', page: 'report.html' } as const;

/**
 * Begins a study on a table or goes on with it, and writes `study.json` and `report.html` into its folder.
 * @throws GenonnxError `usage` with the key, `file-missing`, `file-corrupt`, `resume-mismatch`, ...
 */
export async function tableStudy(options: TableStudyOptions): Promise<TableStudied> {
  const { file, folder: path, optionsOf, onNote, start = startChild } = options;
  const signal = options.signal ?? new AbortController().signal;
  const text = await contentOf(file, 'a study file');
  const { table: tablePath } = z.looseObject({ table: z.string() }).parse(await yamlOf(text));
  const place = resolve(dirname(file), tablePath);
  const tableText = await contentOf(place, 'a table');
  const whole = parseTable(tableText, place);
  const { task, declaration } = whole;
  const childOptions = optionsOf(task);
  const study = parseTableStudy(text, file, childOptions.search);
  const benchmark = benchmarkOf(whole, study.split);
  const sha256 = sha256Hex(tableText);
  // A table may have grown since the study was begun, and the study as well: searches are called after what determines them.
  const manifest = { kind: 'table-study', study, declaration };
  const folder = existsSync(join(path, runFiles.config))
    ? await openRunFolder(path, manifest, { volatile: [...volatileKeys, 'study'] })
    : await createRunFolder(path, manifest);
  const note = (line: string): void => onNote?.(line);
  try {
    const scores = await scoresOf(folder, study, benchmark, note, signal);
    const slots = new Slots(
      options.jobs ?? Math.max(1, Math.floor(os.availableParallelism() / study.threads)),
    );
    // Of two methods with the same settings there is one.
    const searches = new Map<string, Promise<string | undefined>>();
    const runs = await Promise.all(
      study.methods.flatMap((method) =>
        study.seeds.map((seed): Promise<TableRun> => {
          if (isLookup(method))
            return Promise.resolve(lookedUp(benchmark, method, seed, scores.get(method.method)));
          const args = searchArguments(task, declaration, study, method, seed, childOptions);
          const own = join(folder.path, 'runs', searchName(method, args));
          return slots.use(async () => {
            if (!isSearched(own) && !signal.aborted) note(`search: ${method.name}, seed ${seed}`);
            const search = searches.get(own) ?? searchIn(own, args, start, signal);
            searches.set(own, search);
            return searchedRun(benchmark, method, seed, own, await search);
          });
        }),
      ),
    );
    const results = tableStudyResultsSchema.parse({
      format: 'genonnx-table-study',
      version: 1,
      study,
      table: {
        name: whole.name,
        sha256,
        networks: benchmark.networks.length,
        seeds: benchmark.seeds.length,
        data: { name: whole.data.name, checksums: whole.data.checksums },
        metric: whole.metric.name,
        best: bestOf(benchmark),
      },
      tools: toolVersions,
      methods: summariseTableRuns(study, runs),
      runs,
    } satisfies TableStudyResults);
    await folder.writeJson(tableStudyFiles.results, results);
    const { renderTableStudy } = await import('../report/table-study.js');
    await folder.write(tableStudyFiles.page, renderTableStudy(results, task));
    return { place: folder.path, results };
  } finally {
    await folder.close();
  }
}

function bestOf({ networks, value, regret, split }: Benchmark): number {
  const best = networks.find((network) => regret(network) === 0);
  return best === undefined ? Number.NaN : value(best, split);
}

function lookedUp(benchmark: Benchmark, method: Lookup, seed: number, scores: Scores = new Map()): TableRun {
  const stream = openStream(seed, `table-${method.method}`);
  const trajectory = lookUp({ benchmark, method, stream, scores });
  return worthOf(
    benchmark,
    method.name,
    seed,
    trajectory.map(({ architecture }) => architecture),
    {},
  );
}

/** A run from what it would have chosen after each epoch or query. */
function worthOf(
  benchmark: Benchmark,
  method: string,
  seed: number,
  chosen: readonly string[],
  times: TableRun['times'],
): TableRun {
  const known = new Map(benchmark.networks.map((network) => [network.architecture, network]));
  const networks = chosen.map((architecture) => known.get(architecture));
  const last = networks.at(-1);
  if (last === undefined || networks.includes(undefined)) {
    const failure = `the table has not trained ${chosen.find((architecture) => !known.has(architecture)) ?? 'anything'}`;
    return { method, seed, status: 'failed', failure, times };
  }
  const found: readonly Listed[] = networks.flatMap((network) => network ?? []);
  const trajectory = found.map(benchmark.regret);
  return {
    method,
    seed,
    status: 'finished',
    architecture: last.architecture,
    score: benchmark.value(last, benchmark.split),
    regret: benchmark.regret(last),
    percentile: benchmark.percentile(last),
    area: trajectory.reduce((sum, regret) => sum + regret, 0) / trajectory.length,
    trajectory,
    times,
  };
}

async function searchedRun(
  benchmark: Benchmark,
  { name, method }: Searched,
  seed: number,
  folder: string,
  failure: string | undefined,
): Promise<TableRun> {
  if (failure !== undefined) return { method: name, seed, status: 'failed', failure, times: {} };
  if (!isSearched(folder)) return { method: name, seed, status: 'unfinished', times: {} };
  const epochs = METHOD_TABLE[method].learns ? await readSearchJournal(folder) : [];
  const form: SpaceForm = tasks[benchmark.table.task].form;
  const chosen = epochs.map(({ genotype }) => {
    const found = benchmark.find(parseGenotypeOf(form, genotype));
    return found?.architecture ?? genotype;
  });
  const searchSeconds = epochs.reduce((sum, { seconds }) => sum + seconds, 0);
  const inSupernet = epochs.at(-1)?.child?.[benchmark.table.metric.name] ?? null;
  return { ...worthOf(benchmark, name, seed, chosen, { searchSeconds }), inSupernet };
}

/** A line for each network that was scored without training. */
const scoreSchema = z.object({
  score: z.enum(['synflow', 'gradient-norm']),
  architecture: z.string(),
  value: z.number(),
});
type ScoreName = z.infer<typeof scoreSchema>['score'];

const scoreSeed = 0;

/** What the methods of the study that go by scores need of them, kept in the folder as they are found. */
async function scoresOf(
  folder: RunFolder,
  { methods }: TableStudy,
  benchmark: Benchmark,
  note: Note,
  signal: AbortSignal,
): Promise<Map<string, Scores>> {
  const { networks } = benchmark;
  const counted = new Map<string, Scores>([
    ['parameters', new Map(networks.map(({ architecture, parameters }) => [architecture, parameters]))],
    ['macs', new Map(networks.map(({ architecture, macs }) => [architecture, macs]))],
  ]);
  const wanted = (['synflow', 'gradient-norm'] as const).filter((name) =>
    methods.some(({ method }) => method === name),
  );
  if (wanted.length === 0) return counted;
  const journal = await Journal.open(new FolderFiles(folder.path), 'scores.jsonl');
  const known = await journal.read(scoreSchema);
  const scorer = await scorerOf(benchmark.table.task, benchmark.table.declaration);
  try {
    for (const score of wanted) {
      const scores = new Map(
        known.flatMap((row) => (row.score === score ? [[row.architecture, row.value]] : [])),
      );
      if (scores.size < networks.length) note(`${score} of ${networks.length} networks`);
      for (const { architecture, genotype } of networks) {
        if (scores.has(architecture) || signal.aborted) continue;
        const value = await scorer.score(score, genotype);
        await journal.append({ score, architecture, value });
        scores.set(architecture, value);
      }
      counted.set(score, scores);
    }
  } finally {
    await scorer.close();
  }
  return counted;
}

interface Scorer {
  score(name: ScoreName, genotype: string): Promise<number>;
  close(): Promise<void>;
}

async function scorerOf<T extends TaskName>(name: T, declaration: Declaration): Promise<Scorer> {
  const { data: from, limit, threads } = declaration;
  const data = await taskData[name](limit === undefined ? { data: from } : { data: from, limit }, () => {});
  const task: Task<TaskShapes[T]> = tasks[name];
  const engine: Engine = await openEngine('ort', { layout: await resolveLayout('auto', () => {}), threads });
  const source: TaskData = data;
  const { training } = task;
  const of: { readonly [S in ScoreName]: (settings: TaskShapes[T]['training']) => number | Promise<number> } =
    {
      synflow: (settings) => synflow(training.inference(settings, data), scoreSeed),
      'gradient-norm': (settings) => gradientNorm(training.problem(settings, data), engine, scoreSeed),
    };
  return {
    score: async (score, genotype) => of[score](settingsOf(task, declaration, { genotype, seed: scoreSeed })),
    close: async () => {
      await engine.dispose();
      await source.close?.();
    },
  };
}

async function yamlOf(text: string): Promise<unknown> {
  const { parse } = await import('yaml');
  return parse(text);
}

async function contentOf(path: string, what: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw asUnreadable(error, path, what);
  }
}
