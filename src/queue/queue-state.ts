// What a queue is doing: for pages and for people. Nothing is changed.
import { z } from 'zod';
import { parseQueueAddress } from './address.js';
import { type JobBoard, openEngine, type QueueEngine, reached } from './engine.js';
import { failureOf, type JobResult, jobProgressSchema, jobResultSchema } from './job.js';
import type { ListedJob, ListedState } from './listed-job.js';
import { describePlan, mostPlans, planSchema, plansQueue } from './plans.js';

/** `stalled`: its worker is gone or silent, and the job will be given to another one. */
export const JOB_STATES = ['waiting', 'running', 'stalled', 'failed', 'done'] as const;
export type JobState = (typeof JOB_STATES)[number];

export interface QueuedJob {
  readonly id: string;
  readonly title: string;
  readonly state: JobState;
  /** The machine, and its worker, that it runs on, or has ended on. */
  readonly host?: string;
  readonly worker?: string;
  /** Of the record that the run wrote last: `epoch`, `train.accuracy`. */
  readonly figures?: Readonly<Record<string, number>>;
  /** Whether it went on from a checkpoint of another machine. */
  readonly continuedElsewhere?: boolean;
  /** Why it failed, in a line, and the end of its standard error. */
  readonly error?: string;
  readonly lastLines?: readonly string[];
  /** Milliseconds since 1970, by the clocks of those who said so. */
  readonly addedMs: number;
  readonly begunMs?: number;
  readonly endedMs?: number;
}

/** The jobs of one version and one state of the data. */
export interface QueueState {
  readonly name: string;
  /** Data, and the versions of what calculates. */
  readonly title: string;
  readonly counts: Readonly<Record<JobState, number>>;
  /** The names of its workers, which begin with their machine's: none where the right ones are missing. */
  readonly workers: readonly string[];
  /** The newest of each state. */
  readonly jobs: readonly QueuedJob[];
}

export interface QueueReader {
  /** All queues of the server, with at most so many jobs of each state. */
  read(jobsOfAState?: number): Promise<QueueState[]>;
  close(): Promise<void>;
}

/** @throws GenonnxError `usage` for what is no address, `queue` where no server answers. */
export async function openQueueReader(address: string): Promise<QueueReader> {
  return readerOf(await openEngine(parseQueueAddress(address)));
}

export async function readerOf(engine: QueueEngine): Promise<QueueReader> {
  const plans = engine.board(plansQueue);
  await reached(plans, engine.address);
  const boards = new Map<string, JobBoard>();
  const boardOf = (name: string): JobBoard => {
    const board = boards.get(name) ?? engine.board(name);
    if (!boards.has(name)) board.on('error', () => {});
    boards.set(name, board);
    return board;
  };
  return {
    async read(jobsOfAState = 1000) {
      const known = await plans.list(['waiting'], mostPlans);
      return Promise.all(
        known.flatMap((job) => {
          const plan = planSchema.safeParse(job.data);
          if (!plan.success) return [];
          return [stateOf(boardOf(job.id), describePlan(plan.data), jobsOfAState)];
        }),
      );
    },
    async close() {
      await Promise.allSettled([plans, ...boards.values()].map((board) => board.close()));
    },
  };
}

/** The engine's states that are one for us. */
const engineStates = {
  waiting: ['waiting', 'delayed', 'prioritized'],
  active: ['active'],
  failed: ['failed'],
  completed: ['completed'],
} as const;

async function stateOf(board: JobBoard, title: string, most: number): Promise<QueueState> {
  const workers = (await board.getWorkers()).map(({ rawname = '' }) => rawname.replace(/^.*:w:/, ''));
  const of = (states: readonly ListedState[]) => board.list(states, most);
  const [waiting, active, failed, completed, counts] = await Promise.all([
    of(engineStates.waiting),
    of(engineStates.active),
    of(engineStates.failed),
    of(engineStates.completed),
    board.getJobCounts(...Object.values(engineStates).flat()),
  ]);
  const isThere = (name: string | undefined): boolean => name !== undefined && workers.includes(name);
  const jobs = [
    ...described(waiting, () => 'waiting'),
    ...described(active, ({ processedBy }) => (isThere(processedBy) ? 'running' : 'stalled')),
    ...described(failed, () => 'failed'),
    ...described(completed, () => 'done'),
  ];
  const stalled = jobs.filter(({ state }) => state === 'stalled').length;
  const counted = (states: readonly string[]): number =>
    states.reduce((sum, state) => sum + (counts[state] ?? 0), 0);
  return {
    name: board.name,
    title,
    counts: {
      waiting: counted(engineStates.waiting),
      running: counted(engineStates.active) - stalled,
      stalled,
      failed: counted(engineStates.failed),
      done: counted(engineStates.completed),
    },
    workers,
    jobs,
  };
}

const titleSchema = z.object({ title: z.string() });

function described(jobs: readonly ListedJob[], state: (job: ListedJob) => JobState): QueuedJob[] {
  return jobs.map((job) => {
    const progress = parsed(jobProgressSchema, job.progress);
    const { worker, figures, continuedElsewhere } = progress ?? {};
    const failure = state(job) === 'failed' ? failureOf(job.failedReason) : undefined;
    const result = failure ?? parsed(jobResultSchema, job.returnvalue);
    const named = { host: result?.host ?? progress?.host, worker: job.processedBy ?? worker };
    const ended = { error: failure && inALine(failure), lastLines: failure?.lastLines };
    const times = { begunMs: job.processedOn, endedMs: job.finishedOn };
    return {
      id: job.id,
      title: titleSchema.safeParse(job.data).data?.title ?? job.name,
      state: state(job),
      addedMs: job.timestamp,
      ...present({ ...named, figures, continuedElsewhere, ...ended, ...times }),
    };
  });
}

/** Undefined for anything else; of thousands of jobs that have said nothing yet no reason is made why that is nothing. */
function parsed<T>(schema: z.ZodType<T>, value: unknown): T | undefined {
  return typeof value === 'object' && value !== null ? schema.safeParse(value).data : undefined;
}

function inALine({ exitCode, lastLines }: JobResult): string {
  return [`exit code ${exitCode}`, ...lastLines.slice(-1)].join(': ');
}

type Present<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** Without members that are undefined. */
function present<T extends object>(value: T): Present<T> {
  const known: Present<T> = {};
  for (const key in value) {
    const member = value[key];
    if (member !== undefined) Object.assign(known, { [key]: member });
  }
  return known;
}
