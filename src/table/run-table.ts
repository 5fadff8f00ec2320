// Trains what is left of a table: networks x seeds, so many side by side, each line of the journal written when its training is
// done. The first seed of all networks comes before the second, so that a table that is not finished is whole as far as it goes.
import type { TableCell } from './cells.js';
import { isTrained, keyOf, type Row } from './rows.js';
import type { CellRun } from './train-row.js';
import type { RowWorker } from './worker-process.js';

export interface RowsWork {
  /** All of them, in their order. */
  readonly planned: readonly CellRun[];
  /** What is there already. */
  readonly rows: readonly Row[];
  readonly jobs: number;
  readonly start: () => Promise<RowWorker>;
  /** Keeps a row; one at a time. */
  readonly keep: (row: Row) => Promise<void>;
  readonly signal: AbortSignal;
  readonly line: (text: string) => void;
  readonly progress: (done: number, note: string) => void;
}

export interface TableWork extends Omit<RowsWork, 'planned'> {
  readonly seeds: readonly number[];
  readonly cells: readonly TableCell[];
  /** The text of a genotype. */
  readonly print: (genotype: NonNullable<TableCell['genotype']>) => string;
}

/** The trainings of a table, in their order. */
export function plannedRuns({
  seeds,
  cells,
  print,
}: Pick<TableWork, 'seeds' | 'cells' | 'print'>): CellRun[] {
  return seeds.flatMap((seed) =>
    cells.flatMap(({ architecture, genotype }) =>
      genotype === undefined ? [] : [{ architecture, seed, genotype: print(genotype) }],
    ),
  );
}

/** Rows that failed are tried again. @returns all rows then, in the order in which they were done. */
export function runTable(work: TableWork): Promise<Row[]> {
  return trainRows({ ...work, planned: plannedRuns(work) });
}

/** The same of trainings that are named. */
export async function trainRows(work: RowsWork): Promise<Row[]> {
  const { planned, rows, jobs, start, keep, signal, line, progress } = work;
  const done = new Set(rows.filter(isTrained).map(keyOf));
  const left = planned.filter((run) => !done.has(keyOf(run)));
  const all = [...rows];
  line(
    `${planned.length} trainings, ${planned.length - left.length} of them done; ${Number.isFinite(jobs) ? `${jobs} side by side` : 'the others go into the queue'}`,
  );
  let pen = Promise.resolve();
  const write = (row: Row): Promise<void> => {
    pen = pen.then(async () => {
      await keep(row);
      all.push(row);
      if (!isTrained(row))
        line(`failed: ${row.architecture}, seed ${row.seed}: ${row.failure.split('\n')[0]}`);
      progress((planned.length - left.length) / planned.length, `${row.architecture}, seed ${row.seed}`);
    });
    return pen;
  };
  const workOff = async (): Promise<void> => {
    let worker: RowWorker | undefined;
    try {
      for (let run = left.shift(); run !== undefined && !signal.aborted; run = left.shift()) {
        worker ??= await start();
        const { architecture, seed } = run;
        try {
          const row = await untilAborted(worker.train(run), signal);
          if (row === undefined) return;
          await write(row);
        } catch (error) {
          // The process is gone, and with it this row; the next one gets a new process.
          worker = undefined;
          await write({
            architecture,
            seed,
            failure: error instanceof Error ? error.message : String(error),
          });
        }
      }
    } finally {
      worker?.close();
    }
  };
  await Promise.all(Array.from({ length: Math.min(jobs, left.length) }, workOff));
  return all;
}

/** Undefined where the signal comes first: a training that was begun is not worth waiting for. */
function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const stop = (): void => resolve(undefined);
    if (signal.aborted) return stop();
    signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
