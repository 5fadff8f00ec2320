// Workers in this process, each as if it were a machine of its own, whose command takes milliseconds: what is under test is the
// queue, and not what its runs calculate.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parseQueueAddress } from '../../src/queue/address.js';
import { type JobBoard, openEngine, reached } from '../../src/queue/engine.js';
import type { JobResult } from '../../src/queue/job.js';
import { JobQueue } from '../../src/queue/job-queue.js';
import { type Plan, plansQueue, queueNameOf } from '../../src/queue/plans.js';
import { type WorkerInputs, type WorkerTimes, work } from '../../src/queue/worker.js';
import { FolderStore } from '../../src/store/folder-store.js';
import type { Store } from '../../src/store/store.js';
import type { StartChild } from '../../src/study/child-process.js';

export const quick: Partial<WorkerTimes> = {
  // A busy machine must not lose them.
  lockMs: 30_000,
  idleMs: 20,
  plansMs: 50,
  progressMs: 100,
  graceMs: 500,
};

export interface Begun {
  readonly host: string;
  readonly title: string;
  readonly isResumed: boolean;
  readonly folder: string;
  readonly signal: AbortSignal;
}

/** What a command does; it leaves `results.json` beside `config.json` where it ends well. */
export type Command = (begun: Begun) => Promise<number> | number;

/** Stands for the command, and notes everything that was begun. */
export function fakeRuns(command: Command = () => wait(5, 0)) {
  const begun: Begun[] = [];
  const on =
    (host: string): StartChild =>
    async (args, { log, signal }) => {
      const isResumed = args.includes('--resume');
      const folder = args.at(-1) ?? '';
      const title = args[1] ?? '';
      mkdirSync(folder, { recursive: true });
      if (!isResumed) writeFileSync(join(folder, 'config.json'), JSON.stringify({ title }));
      const one = { host, title, isResumed, folder, signal };
      begun.push(one);
      writeFileSync(log, `${host}\n`, { flag: 'a' });
      const exitCode = await command(one);
      if (exitCode === 0)
        writeFileSync(join(folder, 'results.json'), JSON.stringify({ of: folderTitle(folder) }));
      return { exitCode, lastLines: exitCode === 0 ? [] : ['something', `error: ended with ${exitCode}`] };
    };
  return { begun, on };
}

function folderTitle(folder: string): string {
  return JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8')).title;
}

/** A checkpoint, as far as a store looks at it. */
export function writeCheckpoint(folder: string, name = '000001'): void {
  mkdirSync(join(folder, 'checkpoints'), { recursive: true });
  writeFileSync(join(folder, 'checkpoints', 'last.json'), JSON.stringify({ checkpoint: name }));
}

export const tools = { genonnx: '0.0.0-test' };

/** A queue with its plan, from the side of a coordinator, and workers for it. */
export async function openQueue(address: string, storePath: string, lookMs = 30) {
  const engine = await openEngine(parseQueueAddress(address));
  const store = new FolderStore(storePath);
  const plan: Plan = { tools, store: await store.make() };
  const plans = engine.board(plansQueue);
  await reached(plans, engine.address);
  await plans.add('test', plan, { jobId: queueNameOf(plan) });
  const board: JobBoard = engine.board(queueNameOf(plan));
  const jobs = new JobQueue(board, { lookMs, reconcileMs: 400 });
  const stopping = new AbortController();
  const working: Promise<void>[] = [];
  return {
    engine,
    store,
    plan,
    board,
    jobs,
    run: (id: string, signal = new AbortController().signal): Promise<JobResult | undefined> =>
      jobs.run({ id, args: ['train', id], title: id }, signal),
    /** Starts a worker, and gives what stops it. */
    worker(
      host: string,
      inputs: Partial<WorkerInputs> & Pick<WorkerInputs, 'startChild'>,
    ): () => Promise<void> {
      const own = new AbortController();
      const ended = work({
        engine,
        store,
        slots: 1,
        tools,
        checksumsOf: async () => ({}),
        signal: AbortSignal.any([own.signal, stopping.signal]),
        line: () => {},
        times: quick,
        host,
        ...inputs,
      });
      working.push(ended);
      return async () => {
        own.abort();
        await ended;
      };
    },
    async close() {
      stopping.abort();
      await Promise.all(working);
      await jobs.close();
      await plans.close();
    },
  };
}

/** What is published under an id, and was made of it. */
export async function resultIn(
  store: Store & { readonly path: string },
  id: string,
): Promise<string | undefined> {
  const file = join(store.path, 'runs', id, 'results.json');
  if ((await store.published(id)) === undefined || !existsSync(file)) return undefined;
  return JSON.parse(readFileSync(file, 'utf8')).of;
}
