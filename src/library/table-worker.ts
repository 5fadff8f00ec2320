// A process that trains networks of a table, one after the other: data and engine are made once. It ends when the table does,
// however that ends.
import process from 'node:process';
import { openEngine } from '../engines/here.js';
import type { FromWorker, ToWorker } from '../table/messages.js';
import type { Row } from '../table/rows.js';
import { type CellRun, trainRow } from '../table/train-row.js';
import { type TaskName, tasks } from '../tasks/tasks.js';
import { taskData } from './task-data.js';

type Begin = Extract<ToWorker, { readonly kind: 'begin' }>;

function say(message: FromWorker): void {
  process.send?.(message);
}

async function trainer<T extends TaskName>(
  name: T,
  { declaration, engine: kind, layout }: Begin,
): Promise<(run: CellRun) => Promise<Row>> {
  const { data: source, limit, threads } = declaration;
  const data = await taskData[name](
    limit === undefined ? { data: source } : { data: source, limit },
    () => {},
  );
  const engine = await openEngine(kind, { layout, threads });
  return (run) => trainRow(tasks[name], declaration, data, engine, run);
}

let train: Promise<(run: CellRun) => Promise<Row>> | undefined;

async function answer(message: ToWorker): Promise<void> {
  try {
    if (message.kind === 'begin') {
      train = trainer(message.declaration.task, message);
      await train;
      say({ kind: 'ready' });
    } else if (train !== undefined) say({ kind: 'row', row: await (await train)(message.run) });
  } catch (error) {
    say({ kind: 'error', message: error instanceof Error ? error.message : String(error) });
  }
}

process.on('message', (message: ToWorker) => void answer(message));
// Nobody waits for it any more: the table is done, or was killed.
process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'));
// Ctrl-C on the terminal reaches the table, which ends its workers by hanging up.
process.on('SIGINT', () => {});
