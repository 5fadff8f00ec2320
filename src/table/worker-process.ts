// One of the processes that train a table's networks, seen from the table: it is given a run at a time.
import { fork } from 'node:child_process';
import { GenonnxError } from '../errors.js';
import type { FromWorker, ToWorker } from './messages.js';
import type { Row } from './rows.js';
import type { CellRun } from './train-row.js';

export interface RowWorker {
  /** @throws GenonnxError `engine` where the process ended before its answer. */
  train(run: CellRun): Promise<Row>;
  close(): void;
}

type Begin = Extract<ToWorker, { readonly kind: 'begin' }>;

/** Starts the program in `file` and tells it what the table is. @throws GenonnxError `engine` where it cannot begin. */
export async function startRowWorker(file: string, begin: Begin): Promise<RowWorker> {
  const child = fork(file, {
    // A tether of ours (`study/tether.ts`) is none of its.
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    serialization: 'advanced',
  });
  const ask = (message: ToWorker): Promise<FromWorker> =>
    new Promise((resolve, reject) => {
      const ended = (why: string): void => {
        reject(new GenonnxError('engine', 'A process that trains networks ended.', { found: why }));
      };
      const onExit = (code: number | null, signal: string | null): void =>
        ended(signal ?? `exit code ${code}`);
      child.once('exit', onExit);
      child.once('message', (reply: FromWorker) => {
        child.off('exit', onExit);
        if (reply.kind === 'error') ended(reply.message);
        else resolve(reply);
      });
      child.send(message, (error) => {
        if (error !== null) ended(error.message);
      });
    });
  await ask(begin);
  return {
    async train(run) {
      const reply = await ask({ kind: 'run', run });
      if (reply.kind === 'row') return reply.row;
      throw new RangeError(`a worker answered ${reply.kind}`);
    },
    close: () => child.disconnect(),
  };
}
