// `tabulate()`: what the command does. Every network of a space trained, in a folder that can be continued.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import os from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { builtFile } from '../built-file.js';
import { chooseEngine } from '../engines/choice.js';
import { probeGpuHere } from '../engines/here.js';
import { GenonnxError } from '../errors.js';
import type { InferenceGraph } from '../networks/inference-graph.js';
import { openStream } from '../random.js';
import { differences } from '../runs/differences.js';
import { asUnreadable } from '../runs/file-errors.js';
import { FolderFiles } from '../runs/folder-files.js';
import { Journal } from '../runs/journal.js';
import { readJournal } from '../runs/journal-file.js';
import { asJson } from '../runs/json.js';
import { readJson } from '../runs/json-file.js';
import { createRunFolder, openRunFolder, type RunFolder } from '../runs/run-folder.js';
import { runFiles, volatileKeys } from '../runs/run-store.js';
import { requireSameChecksums } from '../runs/same-checksums.js';
import { printGenotypeOf } from '../spaces/print.js';
import type { SearchSpace, SpaceForm } from '../spaces/search-space.js';
import type { ChildOption } from '../study/child-settings.js';
import { type TableCell, tableCells } from '../table/cells.js';
import {
  type Declaration,
  declarationSchema,
  declaredSpace,
  parseDeclaration,
} from '../table/declaration.js';
import { type TablePlan, tableFiles } from '../table/folder.js';
import { makeTable, type TableParts } from '../table/make-table.js';
import { isTrained, keyOf, type Row, rowSchema } from '../table/rows.js';
import { rowsOfTable } from '../table/rows-of-table.js';
import { plannedRuns, runTable } from '../table/run-table.js';
import { parseTable, printTable, type Table } from '../table/table-file.js';
import { settingsOf } from '../table/train-row.js';
import { startRowWorker } from '../table/worker-process.js';
import type { Task, TaskData } from '../tasks/task.js';
import { type TaskName, type TaskShapes, tasks } from '../tasks/tasks.js';
import { resolveLayout } from './layout.js';
import type { QueueOptions } from './queue-options.js';
import { type PlacedRun, queuedRows } from './queued-rows.js';
import { type Note, toolVersions } from './session.js';
import { type Starting, startingBy } from './starting.js';
import { type LatencyRow, latencyJournal, latencySchema, measureTable } from './table-latency.js';
import { taskData } from './task-data.js';

/** Which table, where to, and who is told. */
export interface TabulateOptions {
  /** The declaration; without one the table in the folder is continued. */
  readonly file?: string | undefined;
  /** Where everything goes; a table that was stopped there is continued. */
  readonly folder: string;
  /** Trainings side by side. Default: as many as there are cores for. */
  readonly jobs?: number | undefined;
  /** Who trains: processes of this machine, or workers that take trainings out of a queue. */
  readonly queue?: QueueOptions | undefined;
  /** The file of a table of the same declaration, whose trainings are taken over into a folder that has none. */
  readonly from?: string | undefined;
  /** Train so many networks alone, drawn at random: to see how well a table could tell networks apart. */
  readonly limitCells?: number | undefined;
  /** Whether the latency of every network is measured behind the trainings, one after the other. */
  readonly latency?: boolean | undefined;
  /** The options by which declarations name settings. */
  readonly optionsOf: (task: TaskName) => readonly ChildOption[];
  readonly onNote?: Note;
  readonly onProgress?: (done: number, note: string) => void;
  readonly signal?: AbortSignal;
}

/** A table, and the folder that it lies in. */
export interface Tabulated {
  readonly place: string;
  /** As far as it goes. */
  readonly table: Table;
  /** Trainings that failed, and were not tried again. */
  readonly failures: readonly Row[];
}

/**
 * Begins a table or goes on with it, and writes `table.json` and `table.html` into its folder, as far as it is done. A training
 * that fails is recorded, and tried again when the table is continued.
 * @throws GenonnxError `usage` with the key, `file-missing`, `data-missing`, `output-exists`, `resume-mismatch`, ...
 */
export async function tabulate(options: TabulateOptions): Promise<Tabulated> {
  const starting = await startingBy(options.queue, options.jobs, options.onNote);
  try {
    return await tabulateBy(starting, options);
  } finally {
    await starting.close();
  }
}

async function tabulateBy({ queued, jobs }: Starting, options: TabulateOptions): Promise<Tabulated> {
  const { folder: path, limitCells, onNote, onProgress } = options;
  const signal = options.signal ?? new AbortController().signal;
  const subject = await subjectOf(await declarationOf(options));
  const { declaration, cells, print, source } = subject;
  const drawn = drawnCells(cells, limitCells);
  const { engine } = await chooseEngine('ort', probeGpuHere);
  const worker = builtFile(import.meta.url, './table-worker.js');
  const layout = await resolveLayout('auto', (text) => onNote?.(text));
  const { name, checksums } = source.head.data;
  const data = { name, checksums };
  const manifest = { kind: 'table', declaration, data, tools: toolVersions, layout };
  const folder = existsSync(join(path, runFiles.config))
    ? await openRunFolder(path, manifest, {
        volatile: [...volatileKeys, 'tools', 'layout', 'declaration.seeds'],
      })
    : await createRunFolder(path, manifest);
  try {
    if (options.from !== undefined) await takeOver(folder, options.from, declaration, checksums);
    const own = () => startRowWorker(worker, { kind: 'begin', declaration, engine, layout });
    const planned = queued && placedRuns(declaration.seeds, drawn, cells, print);
    const start = queued && planned && queuedRows({ queued, declaration, planned, signal });
    const trainings = plannedRuns({ seeds: declaration.seeds, cells: drawn, print }).length;
    const sideBySide = jobs ?? Math.max(1, Math.floor(os.availableParallelism() / declaration.threads));
    const plan: TablePlan = { trainings, ...(queued === undefined ? { jobs: sideBySide } : {}) };
    await folder.writeJson(tableFiles.plan, plan);
    const rows = await runTable({
      seeds: declaration.seeds,
      cells: drawn,
      print,
      rows: await folder.journal.read(rowSchema),
      jobs: sideBySide,
      start: start ?? own,
      keep: (row) => folder.journal.append(row),
      signal,
      line: (text) => onNote?.(text),
      progress: (done, note) => onProgress?.(done, note),
    });
    const latencies = await Journal.open(new FolderFiles(folder.path), latencyJournal);
    if (options.latency === true) {
      const known = new Set((await latencies.read(latencySchema)).map(({ architecture }) => architecture));
      await measureTable({
        networks: drawn.flatMap(({ architecture, genotype }) =>
          genotype === undefined || known.has(architecture)
            ? []
            : [{ architecture, inference: () => source.inference(print(genotype)) }],
        ),
        threads: declaration.threads,
        keep: (row) => latencies.append(row),
        signal,
        progress: (done, note) => onProgress?.(done, note),
      });
    }
    const table = tableOf(subject, rows, await latencies.read(latencySchema));
    await folder.write(tableFiles.table, printTable(table));
    await folder.write(tableFiles.page, await pageOf(table));
    const trained = new Set(rows.filter(isTrained).map(keyOf));
    return { place: folder.path, table, failures: rows.filter((row) => !trained.has(keyOf(row))) };
  } finally {
    await folder.close();
  }
}

/** The trainings, with the places of their networks, by which workers find them. */
function placedRuns(
  seeds: readonly number[],
  drawn: readonly TableCell[],
  cells: readonly TableCell[],
  print: (genotype: NonNullable<TableCell['genotype']>) => string,
): PlacedRun[] {
  const places = new Map(cells.map(({ architecture }, place) => [architecture, place]));
  return plannedRuns({ seeds, cells: drawn, print }).flatMap((run) => {
    const network = places.get(run.architecture);
    return network === undefined ? [] : [{ ...run, network }];
  });
}

/**
 * The page of the table in a folder, as far as it goes: what `tabulate` would write there. Nothing is written.
 * @throws GenonnxError `file-missing` where there is no table, `file-corrupt`, `data-missing`, `resume-mismatch` where the data are others.
 */
export async function tableReport(folder: string): Promise<string> {
  const schema = z.object({ data: z.object({ checksums: z.record(z.string(), z.string()) }) });
  const { data } = await readJson(join(folder, runFiles.config), schema, 'the configuration of a table');
  const subject = await subjectOf(await declarationIn(folder));
  requireSameChecksums(folder, data.checksums, subject.source.head.data.checksums);
  const rows = await readJournal(join(folder, runFiles.journal), rowSchema);
  const latencies = join(folder, latencyJournal);
  const measured = existsSync(latencies) ? await readJournal(latencies, latencySchema) : [];
  return pageOf(tableOf(subject, rows, measured));
}

async function declarationOf({ file, folder, optionsOf }: TabulateOptions): Promise<Declaration> {
  return file === undefined
    ? declarationIn(folder)
    : parseDeclaration(await textOf(file, 'a declaration of a table'), file, optionsOf);
}

async function declarationIn(folder: string): Promise<Declaration> {
  const schema = z.object({ kind: z.literal('table'), declaration: declarationSchema });
  const config = join(folder, runFiles.config);
  return (await readJson(config, schema, 'the configuration of a table')).declaration;
}

/** What a table is of. */
interface Subject {
  readonly declaration: Declaration;
  readonly space: SearchSpace;
  readonly cells: readonly TableCell[];
  /** The text of a genotype. */
  readonly print: (genotype: NonNullable<TableCell['genotype']>) => string;
  readonly source: Trainable;
}

async function subjectOf(declaration: Declaration): Promise<Subject> {
  const { task } = declaration;
  const form: SpaceForm = tasks[task].form;
  const space = declaredSpace(declaration);
  const cells = tableCells(space);
  const print = (genotype: NonNullable<TableCell['genotype']>): string => printGenotypeOf(form, genotype);
  return { declaration, space, cells, print, source: await trainable(task, declaration, cells, print) };
}

function tableOf(
  { declaration, space, cells, print, source }: Subject,
  rows: readonly Row[],
  measured: readonly LatencyRow[],
): Table {
  return makeTable({
    ...source.head,
    declaration,
    tools: toolVersions,
    space,
    cells,
    rows,
    print,
    latencyMs: new Map(measured.map(({ architecture, latencyMs }) => [architecture, latencyMs])),
  });
}

async function pageOf(table: Table): Promise<string> {
  // Plots are loaded by whoever draws.
  const { renderTable } = await import('../report/table.js');
  return renderTable(table);
}

/** What a table is of, beside its networks. */
interface Trainable {
  readonly head: Pick<TableParts, 'name' | 'task' | 'recipe' | 'data' | 'metric'>;
  readonly inference: (genotype: string) => InferenceGraph;
}

/** What the declaration means is tried with one network before anything is written. */
async function trainable<T extends TaskName>(
  name: T,
  declaration: Declaration,
  cells: readonly TableCell[],
  print: (genotype: NonNullable<TableCell['genotype']>) => string,
): Promise<Trainable> {
  const { data: from, limit, seeds } = declaration;
  const data = await taskData[name](limit === undefined ? { data: from } : { data: from, limit }, () => {});
  const genotype = cells.find((cell) => cell.genotype !== undefined)?.genotype;
  if (genotype === undefined) throw new RangeError('a space without networks');
  const task: Task<TaskShapes[T]> = tasks[name];
  const { examples, measures, training } = task;
  const settingsWith = (text: string) =>
    settingsOf(task, declaration, { genotype: text, seed: seeds[0] ?? 0 });
  const settings = settingsWith(print(genotype));
  training.problem(settings, data);
  const source: TaskData = data;
  await source.close?.();
  const { genotype: _genotype, seed: _seed, ...recipe } = asJson(settings);
  const [metric] = measures.metrics;
  const { train: trainExamples, test: testExamples } = examples(data);
  const { name: dataName, checksums } = source;
  return {
    head: {
      name: declaration.name,
      task: name,
      recipe,
      data: { name: dataName, checksums: { ...checksums }, trainExamples, testExamples },
      metric: { name: metric.name, better: metric.better },
    },
    inference: (text) => training.inference(settingsWith(text), data),
  };
}

/** @throws GenonnxError `resume-mismatch` for the table of another declaration, or other data. */
async function takeOver(
  folder: RunFolder,
  path: string,
  declaration: Declaration,
  checksums: TaskData['checksums'],
): Promise<void> {
  if (folder.journal.length > 0) return;
  const table = await readTable(path);
  const own = asJson({ ...declaration, seeds: [], checksums });
  const other = asJson({ ...table.declaration, seeds: [], checksums: table.data.checksums });
  const differing = differences(own, other).map((difference) => difference.path);
  if (differing.length > 0) {
    throw new GenonnxError('resume-mismatch', 'The table to go on from is another one.', {
      where: path,
      expected: 'the same declaration and data',
      found: `others: ${differing.join(', ')}`,
      cure: 'Leave `from` out, or take the declaration that the table was made by.',
    });
  }
  const seeds = new Set(declaration.seeds);
  for (const row of rowsOfTable(table)) if (seeds.has(row.seed)) await folder.journal.append(row);
}

/** All of them, or a sample that is the same each time. */
function drawnCells(cells: readonly TableCell[], limit: number | undefined): readonly TableCell[] {
  if (limit === undefined) return cells;
  const networks = cells.filter(({ genotype }) => genotype !== undefined);
  const order = openStream(0, 'table-sample').shuffle(Int32Array.from(networks.keys()));
  const chosen = new Set(order.subarray(0, limit));
  return networks.filter((_, index) => chosen.has(index));
}

async function textOf(file: string, what: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw asUnreadable(error, file, what);
  }
}

/** The table in a file. @throws GenonnxError `file-missing`, `file-corrupt`, `usage` for a version that is not read. */
export async function readTable(path: string): Promise<Table> {
  return parseTable(await textOf(path, 'a table'), path);
}
