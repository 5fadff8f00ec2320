// Runs that others make: a study starts its commands through `queuedRuns` as it does through `startChild`, and each is put into
// a queue, made by whichever machine is free, and brought into the study's folder from the store.
import { writeFile } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { GenonnxError } from '../errors.js';
import { parseQueueAddress } from '../queue/address.js';
import { type JobBoard, openEngine, reached } from '../queue/engine.js';
import { jobIdOf } from '../queue/job.js';
import { JobQueue } from '../queue/job-queue.js';
import { describePlan, type Plan, plansQueue, queueNameOf } from '../queue/plans.js';
import { FolderStore } from '../store/folder-store.js';
import { isAddress } from '../store/open-store.js';
import { type ServedStore, serveStore } from '../store/store-server.js';
import { storeToken } from '../store/token.js';
import type { ChildWatch, Ended, StartChild } from '../study/child-process.js';
import type { QueueOptions } from './queue-options.js';
import { checksumsOf, dataOf, type NamedData, resolvedSettings } from './run-settings.js';
import { toolVersions } from './session.js';
import { waitForRoom } from './wait-for-room.js';

/** What a worker is to make. */
export interface QueuedCommand {
  /** The word that its id begins with. */
  readonly kind: string;
  /** All that determines what it leaves beside data and versions, as plain data. */
  readonly configuration: object;
  readonly data: NamedData;
  /** Without the folder. */
  readonly args: readonly string[];
  /** For people. */
  readonly title: string;
}

export interface QueuedRuns {
  readonly startChild: StartChild;
  /** Has the command made once, whoever asks for it, and brings what it left into a folder. */
  make(command: QueuedCommand, watch: QueuedWatch): Promise<Ended>;
  /** What goes on, for a person: where workers are missing, too. */
  report(): Promise<string[]>;
  close(): Promise<void>;
}

/** Where what was made goes. */
export interface QueuedWatch extends Pick<ChildWatch, 'log' | 'signal'> {
  readonly folder: string;
}

/** Node's version is none of them: it is what calculates that counts. */
export const queueTools: Plan['tools'] = {
  genonnx: toolVersions.genonnx,
  onnxruntime: toolVersions.onnxruntime,
};

/** How long a server may take to say goodbye. */
const goodbyeMs = 3_000;

/** @throws GenonnxError `usage`, `queue`, `store`. */
export async function openQueuedRuns({
  queue,
  store: place,
  serve,
  onNote,
  times,
}: QueueOptions): Promise<QueuedRuns> {
  if (isAddress(place)) throw keptElsewhere();
  const address = parseQueueAddress(queue);
  const store = new FolderStore(place);
  const storeId = await store.make();
  const engine = await openEngine(address);
  const served = serve && (await serving(store, serve, onNote));
  const plans = engine.board(plansQueue);
  await reached(plans, engine.address);
  const queues = new Map<string, Promise<Planned>>();
  const known = new Map<string, Promise<Readonly<Record<string, string>>>>();

  const queueOf = (plan: Plan): Promise<Planned> => {
    const name = queueNameOf(plan);
    const opened = queues.get(name) ?? open(name, plan);
    queues.set(name, opened);
    return opened;
  };
  const open = async (name: string, plan: Plan): Promise<Planned> => {
    await plans.add(describePlan(plan), plan, { jobId: name });
    const board = engine.board(name);
    return { plan, board, jobs: new JobQueue(board, times) };
  };

  const checksumsFor = (data: NamedData): Promise<Readonly<Record<string, string>>> => {
    const key = JSON.stringify(data);
    const read = known.get(key) ?? checksumsOf(data);
    known.set(key, read);
    return read;
  };

  const make: QueuedRuns['make'] = async (command, { folder, log, signal }) => {
    const { kind, configuration, data, args, title } = command;
    const checksums = await checksumsFor(data);
    const id = jobIdOf({ kind, configuration, checksums, tools: queueTools });
    if ((await store.published(id)) === undefined) {
      const plan: Plan = { tools: queueTools, store: storeId, data: { ...data, checksums } };
      const { jobs } = await queueOf(plan);
      const result = await jobs.run({ id, args, title }, signal);
      if (result === undefined) return { exitCode: 130, lastLines: [] };
      if (result.exitCode !== 0) {
        await writeFile(log, `${result.lastLines.join('\n')}\n`);
        return { exitCode: result.exitCode, lastLines: result.lastLines };
      }
    }
    const isBrought = await waitForRoom(() => store.fetch(id, folder, log), { signal, onNote });
    return { exitCode: isBrought ? 0 : 130, lastLines: [] };
  };

  const startChild: StartChild = async (_args, { run, log, signal }) => {
    if (run === undefined) throw new GenonnxError('usage', 'This command cannot be put into a queue.');
    const { kind, task, args, title, folder } = run;
    const settings = resolvedSettings(run);
    const data = dataOf(task, settings);
    // The same data may lie elsewhere on another machine: what it is, its checksums say.
    const configuration = { ...settings, task, data: undefined, backbone: undefined };
    const command = { kind, configuration, data, args: withWholePath(args, data.name), title };
    return make(command, { folder, log, signal });
  };

  return {
    startChild,
    make,
    async report() {
      const opened = await Promise.all(queues.values());
      const reports = await Promise.all(opened.filter(({ jobs }) => jobs.pending > 0).map(reportOf));
      return reports.flat();
    },
    async close() {
      await served?.close();
      const opened = await Promise.allSettled(queues.values());
      const boards = opened.flatMap((one) => (one.status === 'fulfilled' ? [one.value.jobs] : []));
      const closing = Promise.allSettled([plans, ...boards].map((board) => board.close()));
      await Promise.race([closing, wait(goodbyeMs, undefined, { ref: false })]);
    },
  };
}

interface Planned {
  readonly plan: Plan;
  readonly board: JobBoard;
  readonly jobs: JobQueue;
}

async function reportOf({ plan, board, jobs }: Planned): Promise<string[]> {
  const { waiting = 0, active = 0 } = await board.getJobCounts('waiting', 'active');
  const workers = await board.getWorkers();
  const line = `waits for ${jobs.pending}: ${active} running and ${waiting} waiting in the queue, ${workers.length} workers`;
  if (workers.length > 0) return [line];
  return [
    line,
    `no worker is there for ${describePlan(plan)}: start genonnx worker with this queue and store on a machine that has them`,
  ];
}

async function serving(
  store: FolderStore,
  where: NonNullable<QueueOptions['serve']>,
  onNote: QueueOptions['onNote'],
): Promise<ServedStore> {
  const { token, file } = await storeToken(store.path);
  const served = await serveStore({ store, token, ...where });
  const from = file === undefined ? 'of the environment' : `in ${file}`;
  onNote?.(`the store answers on port ${served.port}; workers need the token ${from}`);
  return served;
}

function keptElsewhere(): GenonnxError {
  return new GenonnxError('usage', 'A study keeps its store in a folder.', {
    where: '`store`',
    expected: 'a folder',
    found: 'an address',
    cure: 'Name a folder, and serve it to workers that do not share it.',
  });
}

/** Workers have working folders of their own. */
function withWholePath(args: readonly string[], data: string): string[] {
  const at = args.indexOf('--data') + 1;
  return args.map((arg, index) => (at > 0 && index === at ? data : arg));
}
