// `report()`: what the command does. One self-contained page about a search, a training, or both; about a study, or about a table.
import { join } from 'node:path';
import { z } from 'zod';
import { readJson } from '../runs/json-file.js';
import { runFiles } from '../runs/run-store.js';
import type { Measured } from './report-data.js';
import { reportData } from './report-data.js';

const kindSchema = z.object({ kind: z.string() });

/**
 * The text of a page about run folders, finished or not; figures that no folder holds may be given beside. A single folder may
 * also be that of a study or of a table, of which the page has what there is so far.
 * @throws GenonnxError `file-missing`, `file-corrupt` for folders that hold no run, `usage` for runs of several tasks, and
 * `data-missing` for a study or a table whose data are not there.
 */
export async function report(folders: readonly string[], measured: Measured = {}): Promise<string> {
  const [only, another] = folders;
  if (only !== undefined && another === undefined) {
    const { kind } = await readJson(join(only, runFiles.config), kindSchema, 'the configuration of a run');
    // Each is loaded by whoever has one.
    if (kind === 'study') return (await import('./study.js')).studyReport(only);
    if (kind === 'table') return (await import('./tabulate.js')).tableReport(only);
  }
  const data = await reportData(folders, measured);
  // Charts and drawings are loaded by whoever draws.
  const { renderReport } = await import('../report/report.js');
  return renderReport(data);
}
