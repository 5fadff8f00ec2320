// The engine of queues: BullMQ on Redis or on PostgreSQL, which have one interface. Only this file knows that there are two.
import { setTimeout as wait } from 'node:timers/promises';
import type { BackendFactory, IQueueBackend, Job, Queue, Worker } from 'bullmq';
import { GenonnxError } from '../errors.js';
import type { QueueAddress } from './address.js';
import { listPostgres, listRedis } from './list-jobs.js';
import type { ListJobs } from './listed-job.js';

interface Failing {
  on(event: 'error', listener: (error: Error) => void): unknown;
}

/** What is done with a queue from outside: jobs are put into it, and looked at. */
export type JobBoard = Pick<
  Queue<unknown, unknown, string>,
  | 'add'
  | 'addBulk'
  | 'close'
  | 'getJob'
  | 'getJobCounts'
  | 'getJobState'
  | 'getRanges'
  | 'getWorkers'
  | 'name'
  | 'remove'
  | 'waitUntilReady'
> &
  Failing & { readonly list: ListJobs };

/** What takes jobs out of a queue. */
export type JobTaker = Pick<
  Worker<unknown, unknown, string>,
  'close' | 'getNextJob' | 'name' | 'startStalledCheckTimer' | 'waitUntilReady'
> &
  Failing;

export type TakenJob = Job<unknown, unknown, string>;

export interface TakerTimes {
  /** For as long a job is its worker's without a renewal. */
  readonly lockMs: number;
  /** How often somebody looks for jobs whose workers renew nothing any more. */
  readonly stalledMs: number;
}

export interface QueueEngine {
  readonly address: QueueAddress;
  board(name: string): JobBoard;
  taker(name: string, workerName: string, times: TakerTimes): JobTaker;
}

/** As often a machine may die under one and the same run before it counts as failed: it may be what kills them. */
const maxStalledCount = 10;

export interface Patience {
  /** How long a server is waited for that does not answer: it may be starting. */
  readonly reachMs: number;
}

/** BullMQ is loaded where there is a queue. @throws GenonnxError `queue` where no server answers. */
export async function openEngine(
  address: QueueAddress,
  { reachMs }: Patience = { reachMs: 15_000 },
): Promise<QueueEngine> {
  const { createPostgresBackend, createRedisBackend } = await import('bullmq');
  if (address.kind === 'redis') {
    await untilAnswered(address, reachMs, () => askRedis(address.url, reachMs));
    return engineOf(address, createRedisBackend, { url: address.url }, listRedis);
  }
  const connection = { connectionString: address.url, migrate: true, max: 2 };
  const asking = { ...connection, connectionTimeoutMillis: reachMs };
  const asked = await engineOf(address, createPostgresBackend, asking, listPostgres);
  await untilAnswered(address, reachMs, () => ask(asked));
  return engineOf(address, createPostgresBackend, connection, listPostgres);
}

async function engineOf<B extends IQueueBackend, C>(
  address: QueueAddress,
  backend: BackendFactory<B, C>,
  connection: C,
  listing: (backend: B, queue: string) => ListJobs,
): Promise<QueueEngine> {
  const { withBackend } = await import('bullmq');
  const { Queue, Worker } = withBackend(backend);
  return {
    address,
    board(name) {
      const queue = new Queue<unknown, unknown>(name, { connection });
      return Object.assign(queue, { list: listing(queue.getBackend(), name) });
    },
    taker: (name, workerName, { lockMs, stalledMs }) =>
      new Worker<unknown, unknown>(name, null, {
        connection,
        name: workerName,
        autorun: false,
        lockDuration: lockMs,
        stalledInterval: stalledMs,
        maxStalledCount,
      }),
  };
}

/** The engine would try to connect for ever, or not once more, and not say why it cannot. */
async function untilAnswered(
  address: QueueAddress,
  reachMs: number,
  ask: () => Promise<void>,
): Promise<void> {
  const began = performance.now();
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      const isLate = performance.now() - began + tryAgainMs > reachMs;
      if (isLate || refusal.test(String(error))) throw unreached(address, error);
    }
    await wait(tryAgainMs);
  }
}

const tryAgainMs = 1_000;
/** What a server says, or shows, that is there and will say the same again. */
const refusal = /WRONGPASS|NOAUTH|certificate|password authentication failed/i;

async function askRedis(url: string, connectTimeout: number): Promise<void> {
  const { Redis } = await import('ioredis');
  const client = new Redis(url, { lazyConnect: true, retryStrategy: null, connectTimeout });
  let cause: unknown;
  client.on('error', (error: Error) => {
    cause = error;
  });
  try {
    await client.connect();
    await client.ping();
  } catch (error) {
    throw cause ?? error;
  } finally {
    client.disconnect();
  }
}

async function ask(engine: QueueEngine): Promise<void> {
  const board = engine.board('genonnx');
  board.on('error', () => {});
  try {
    await board.waitUntilReady();
  } finally {
    await board.close().catch(() => {});
  }
}

/**
 * Waits until the server has answered.
 * @throws GenonnxError `queue` when it does not.
 */
export async function reached(
  connected: Pick<JobBoard, 'on' | 'waitUntilReady'>,
  address: QueueAddress,
): Promise<void> {
  // It connects again by itself.
  connected.on('error', () => {});
  try {
    await connected.waitUntilReady();
  } catch (error) {
    throw unreached(address, error);
  }
}

function unreached({ shown }: QueueAddress, error: unknown): GenonnxError {
  return new GenonnxError('queue', 'The queue cannot be reached.', {
    where: shown,
    expected: 'an answer',
    found: error instanceof Error ? error.message : String(error),
    cure: 'Start the server, or check the address and its password.',
  });
}
