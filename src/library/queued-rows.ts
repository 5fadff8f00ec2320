// The trainings of a table, made by whoever takes them out of a queue: some together, since to begin takes seconds. A part in which
// one fails is asked for again one by one, so that the others count.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GenonnxError } from '../errors.js';
import { readJournal } from '../runs/journal-file.js';
import { runFiles } from '../runs/run-store.js';
import type { Declaration } from '../table/declaration.js';
import { inParts, type PartRun, printPart } from '../table/part.js';
import { isTrained, keyOf, type Row, rowSchema } from '../table/rows.js';
import type { CellRun } from '../table/train-row.js';
import type { RowWorker } from '../table/worker-process.js';
import type { QueuedRuns } from './queued-runs.js';
import { dataOf } from './run-settings.js';

/** A training, and where its network is among the space's. */
export type PlacedRun = CellRun & PartRun;

export interface QueuedRows {
  readonly queued: Pick<QueuedRuns, 'make'>;
  readonly declaration: Declaration;
  /** All of the table, in their order. */
  readonly planned: readonly PlacedRun[];
  readonly signal: AbortSignal;
}

/** Trainings of a job. */
const together = 16;

/** Who is asked for a row asks for its part once, whoever asks first. */
export function queuedRows({ queued, declaration, planned, signal }: QueuedRows): () => Promise<RowWorker> {
  const asked = new Map<string, Promise<readonly Row[] | undefined>>();
  const parts = new Map(inParts(planned, together).flatMap((part) => part.map((run) => [keyOf(run), part])));
  const rowsOf = (part: readonly PlacedRun[]): Promise<readonly Row[] | undefined> => {
    const name = printPart(part);
    const rows = asked.get(name) ?? made(part).then((ended) => ended.rows);
    asked.set(name, rows);
    return rows;
  };
  const made = async (part: readonly PlacedRun[]): Promise<Made> => {
    const scratch = await mkdtemp(join(tmpdir(), 'genonnx-rows-'));
    try {
      const [folder, log] = [join(scratch, 'part'), join(scratch, 'part.log')];
      const { exitCode, lastLines } = await queued.make(commandOf(declaration, part), {
        folder,
        log,
        signal,
      });
      if (exitCode !== 0) return { failure: lastLines.join('\n') };
      return { rows: (await readJournal(join(folder, runFiles.journal), rowSchema)).filter(isTrained) };
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
  };
  const train = async (run: CellRun): Promise<Row> => {
    const part = parts.get(keyOf(run)) ?? [];
    const rows = part.length > 1 ? await rowsOf(part) : undefined;
    const known = rows?.find((row) => keyOf(row) === keyOf(run));
    if (known !== undefined) return known;
    const alone = part.filter((one) => keyOf(one) === keyOf(run));
    const { rows: [row] = [], failure = 'It is not among what was made.' } = await made(alone);
    if (row !== undefined) return row;
    throw new GenonnxError('engine', 'A training in the queue failed.', { found: failure });
  };
  return async () => ({ train, close: () => {} });
}

interface Made {
  readonly rows?: readonly Row[];
  readonly failure?: string;
}

/** The same for whoever wants these trainings: neither the table's name nor its other seeds are in the identity. */
function commandOf(declaration: Declaration, part: readonly PlacedRun[]): Parameters<QueuedRuns['make']>[0] {
  const { data: place, limit, task } = declaration;
  const data = dataOf(task, { data: place, limit });
  const seeds = [...new Set(part.map(({ seed }) => seed))];
  const own = { ...declaration, data: data.name, seeds };
  const [first] = part;
  const title = `rows of ${declaration.name}: ${part.length} from seed ${first?.seed}, network ${first?.network}`;
  return {
    kind: 'rows',
    configuration: {
      ...declaration,
      ...{ name: undefined, data: undefined, seeds: undefined },
      rows: part.map(({ seed, genotype }) => [seed, genotype]),
    },
    data,
    args: ['tabulate', '--declaration', JSON.stringify(own), '--rows', printPart(part)],
    title,
  };
}
