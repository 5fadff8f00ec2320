// `tabulatePart()`: some trainings of a table, in a folder of their own: what a worker makes of a table whose trainings are in a queue.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { builtFile } from '../built-file.js';
import { chooseEngine } from '../engines/choice.js';
import { probeGpuHere } from '../engines/here.js';
import { GenonnxError } from '../errors.js';
import { readJson } from '../runs/json-file.js';
import { createRunFolder, openRunFolder } from '../runs/run-folder.js';
import { runFiles, volatileKeys } from '../runs/run-store.js';
import { printGenotypeOf } from '../spaces/print.js';
import type { SpaceForm } from '../spaces/search-space.js';
import { tableCells } from '../table/cells.js';
import { type Declaration, declarationSchema, declaredSpace } from '../table/declaration.js';
import { type PartRun, parsePart, printPart } from '../table/part.js';
import { isTrained, keyOf, type Row, rowSchema } from '../table/rows.js';
import { trainRows } from '../table/run-table.js';
import type { CellRun } from '../table/train-row.js';
import { startRowWorker } from '../table/worker-process.js';
import { tasks } from '../tasks/tasks.js';
import { resolveLayout } from './layout.js';
import { type Note, toolVersions } from './session.js';

/** Which trainings of which table; those that a folder says it is of, where neither is given. */
export interface TablePart {
  readonly declaration: Declaration;
  readonly runs: readonly PartRun[];
}

export interface TabulatePartOptions {
  readonly part?: TablePart | undefined;
  readonly folder: string;
  readonly onNote?: Note;
  readonly onProgress?: (done: number, note: string) => void;
  readonly signal?: AbortSignal;
}

const configSchema = z.object({
  kind: z.literal('table-part'),
  declaration: declarationSchema,
  rows: z.string(),
});

/** Whether the folder is of a part of a table. */
export async function isTablePart(folder: string): Promise<boolean> {
  const config = join(folder, runFiles.config);
  if (!existsSync(config)) return false;
  return (await readJson(config, z.looseObject({ kind: z.string() }))).kind === configSchema.shape.kind.value;
}

/**
 * Trains what is left of the part, one after the other, into the journal of its folder.
 * @returns those that failed, which are tried again when it is continued.
 * @throws GenonnxError `usage`, `data-missing`, `output-exists`, `resume-mismatch`, ...
 */
export async function tabulatePart(options: TabulatePartOptions): Promise<readonly Row[]> {
  const { folder: path, onNote, onProgress } = options;
  const signal = options.signal ?? new AbortController().signal;
  const { declaration, runs } = options.part ?? (await partIn(path));
  const planned = cellRuns(declaration, runs);
  const { engine } = await chooseEngine('ort', probeGpuHere);
  const worker = builtFile(import.meta.url, './table-worker.js');
  const layout = await resolveLayout('auto', (text) => onNote?.(text));
  const manifest = { kind: 'table-part', declaration, rows: printPart(runs), tools: toolVersions, layout };
  const folder = existsSync(join(path, runFiles.config))
    ? await openRunFolder(path, manifest, { volatile: [...volatileKeys, 'tools', 'layout'] })
    : await createRunFolder(path, manifest);
  try {
    const rows = await trainRows({
      planned,
      rows: await folder.journal.read(rowSchema),
      jobs: 1,
      start: () => startRowWorker(worker, { kind: 'begin', declaration, engine, layout }),
      keep: (row) => folder.journal.append(row),
      signal,
      line: (text) => onNote?.(text),
      progress: (done, note) => onProgress?.(done, note),
    });
    const trained = new Set(rows.filter(isTrained).map(keyOf));
    return rows.filter((row) => !trained.has(keyOf(row)));
  } finally {
    await folder.close();
  }
}

async function partIn(folder: string): Promise<TablePart> {
  const config = await readJson(join(folder, runFiles.config), configSchema, 'the configuration of a part');
  return { declaration: config.declaration, runs: parsePart(config.rows) };
}

function cellRuns(declaration: Declaration, runs: readonly PartRun[]): CellRun[] {
  const form: SpaceForm = tasks[declaration.task].form;
  const cells = tableCells(declaredSpace(declaration));
  return runs.map(({ seed, network }) => {
    const cell = cells[network];
    if (cell?.genotype !== undefined)
      return { architecture: cell.architecture, seed, genotype: printGenotypeOf(form, cell.genotype) };
    throw new GenonnxError('usage', 'The space has no such network.', {
      where: '`rows`',
      expected: `one of ${cells.length}, from 0, to whose output a path leads`,
      found: String(network),
      cure: 'Use the same version on all machines.',
    });
  });
}
