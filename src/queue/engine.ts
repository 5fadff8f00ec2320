// The engine of queues: BullMQ on Redis or on PostgreSQL, which have one interface. Only this file knows that there are two.
import { setTimeout as wait } from 'node:timers/promises';
import type { BackendFactory, IQueueBackend, Job, Queue, Worker } from 'bullmq';
import { GenonnxError } from '../errors.js';
import type { QueueAddress } from './address.js';

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
  | 'getJobs'
  | 'getJobState'
  | 'getRanges'
  | 'getWorkers'
  | 'name'
  | 'remove'
  | 'waitUntilReady'
> &
  Failing;

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

/** BullMQ is loaded where there is a queue. @throws GenonnxError `queue` where no server answers. */
export async function openEngine(address: QueueAddress): Promise<QueueEngine> {
  const { createPostgresBackend, createRedisBackend } = await import('bullmq');
  if (address.kind === 'redis') {
    await requireRedis(address);
    return engineOf(address, createRedisBackend, { url: address.url });
  }
  const connection = { connectionString: address.url, migrate: true, max: 2 };
  return engineOf(address, createPostgresBackend, connection);
}

async function engineOf<B extends IQueueBackend, C>(
  address: QueueAddress,
  backend: BackendFactory<B, C>,
  connection: C,
): Promise<QueueEngine> {
  const { withBackend } = await import('bullmq');
  const { Queue, Worker } = withBackend(backend);
  return {
    address,
    board: (name) => new Queue<unknown, unknown>(name, { connection }),
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

const reachMs = 15_000;
const tryAgainMs = 1_000;

/** The engine would try to connect for ever, and not say why it cannot. */
async function requireRedis(address: QueueAddress): Promise<void> {
  const { Redis } = await import('ioredis');
  const began = performance.now();
  for (;;) {
    const client = new Redis(address.url, {
      lazyConnect: true,
      retryStrategy: null,
      connectTimeout: reachMs,
    });
    let cause: unknown;
    client.on('error', (error: Error) => {
      cause = error;
    });
    try {
      await client.connect();
      await client.ping();
      return;
    } catch (error) {
      if (performance.now() - began > reachMs) throw unreached(address, cause ?? error);
    } finally {
      client.disconnect();
    }
    await wait(tryAgainMs);
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
    expected: `an answer within ${reachMs / 1000} s`,
    found: error instanceof Error ? error.message : String(error),
    cure: 'Start the server, or check the address and its password.',
  });
}
