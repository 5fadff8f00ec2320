// `genonnx study` with a file that names a table: methods whose choices are looked up.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { GenonnxError } from '../../errors.js';
import { tableStudy, tableStudyFiles } from '../../library/table-study.js';
import { isTableStudy } from '../../table/study/config.js';
import type { TableStudyResults } from '../../table/study/results.js';
import { interruptedExitCode, onInterrupt } from '../interrupt.js';
import { whileLive } from '../live-option.js';
import { print, printJson, say, table } from '../output.js';
import { taskSettings } from '../run-settings.js';

/** Whether the study in a file is looked up in a table. */
export async function isOfTable(file: string): Promise<boolean> {
  try {
    return isTableStudy(await readFile(file, 'utf8'));
  } catch {
    return false;
  }
}

interface TableStudyOptions {
  readonly jobs?: number;
  readonly index?: number;
  readonly queue?: string;
  readonly live?: boolean;
  readonly json?: boolean;
}

export async function showTableStudy(
  file: string,
  folder: string,
  { jobs, index, queue, live, json }: TableStudyOptions,
): Promise<void> {
  if (index !== undefined || queue !== undefined) {
    throw new GenonnxError('usage', 'A study on a table runs as a whole, on one machine.', {
      found: index === undefined ? '--queue' : '--index',
      cure: 'Leave it out.',
    });
  }
  const interrupt = onInterrupt();
  try {
    const { place, results } = await whileLive(live, folder, () =>
      tableStudy({
        file,
        folder,
        jobs,
        optionsOf: (task) => taskSettings[task],
        onNote: say,
        signal: interrupt.signal,
      }),
    );
    if (json === true) printJson(results);
    else print(methodTable(results));
    for (const { method, seed, failure } of results.runs)
      if (failure !== undefined) say(`error: ${method}, seed ${seed}: ${failure}`);
    if (results.runs.some(({ status }) => status === 'failed')) process.exitCode = 1;
    if (results.runs.some(({ status }) => status === 'unfinished')) {
      say('Continue with the same command.');
      process.exitCode = interruptedExitCode;
    }
    say(`report: ${join(place, tableStudyFiles.page)}`);
  } finally {
    interrupt.dispose();
  }
}

function methodTable({ methods }: TableStudyResults): string {
  const digits = (value: number | undefined): string =>
    value === undefined ? '-' : (100 * value).toFixed(2);
  return table([
    [
      'method',
      'runs',
      'regret, %',
      'interval',
      'percentile',
      'area, %',
      'difference, %',
      'to',
      'p (Holm)',
      'sign',
    ],
    ...methods.map(({ name, finished, regret, percentile, area, comparison }) => [
      name,
      String(finished),
      digits(regret?.mean),
      regret?.interval === null || regret === undefined ? '-' : regret.interval.map(digits).join(' to '),
      percentile === undefined ? '-' : (100 * percentile.mean).toFixed(1),
      digits(area?.mean),
      digits(comparison?.difference.mean),
      comparison?.against ?? '-',
      comparison?.studentHolm?.toFixed(3) ?? '-',
      comparison?.signHolm.toFixed(3) ?? '-',
    ]),
  ]);
}
