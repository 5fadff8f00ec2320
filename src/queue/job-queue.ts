// A queue as a coordinator sees it: jobs go in, and how each ended comes out, whoever did it and however long it took. It may
// leave and come back: a job that is there already is not put in twice, and one that the server has forgotten is put in again.
import { setMaxListeners } from 'node:events';
import type { JobBoard } from './engine.js';
import { failureOf, type JobData, type JobResult, jobResultSchema } from './job.js';
import { type QueueTimes, queueTimes } from './queue-times.js';

export interface JobRequest {
  readonly id: string;
  /** Of the command, without the folder of the run. */
  readonly args: readonly string[];
  readonly title: string;
}

interface Waiting {
  readonly request: JobRequest;
  /** Whoever asked for it. */
  readonly settlers: Set<(result: JobResult | undefined) => void>;
}

/** What the server forgets of jobs that are done: results lie in the store. */
const week = 7 * 24 * 3600;
const kept = {
  removeOnComplete: { age: week, count: 20_000 },
  removeOnFail: { age: 4 * week, count: 20_000 },
};
/** Jobs that are put in with one message, and those that are asked for one by one. */
const putTogether = 500;
const askedSingly = 20;
const ended = ['completed', 'failed'] as const;
const unended = ['waiting', 'active', 'delayed', 'prioritized', 'waiting-children'] as const;

export class JobQueue {
  private readonly waiting = new Map<string, Waiting>();
  private timer: NodeJS.Timeout | undefined;
  private readonly beginning: JobRequest[] = [];
  private begun: Promise<void> | undefined;
  private counted = '';
  private sinceReconciled = 0;
  private isLooking = false;

  constructor(
    private readonly board: JobBoard,
    private readonly times: QueueTimes = queueTimes,
  ) {
    // The engine connects again by itself, and what is asked for waits until then.
    board.on('error', () => {});
  }

  /** How many are waited for. */
  get pending(): number {
    return this.waiting.size;
  }

  /**
   * Puts a job in, unless it is there, and waits until it has ended; undefined where `signal` was aborted before. One that has
   * failed is tried again, and one that has ended without being in the store is done again: ask the store first.
   */
  async run(request: JobRequest, signal: AbortSignal): Promise<JobResult | undefined> {
    if (signal.aborted) return undefined;
    // As many wait as there are runs.
    setMaxListeners(0, signal);
    const { id } = request;
    let settle: (result: JobResult | undefined) => void = () => {};
    const settled = new Promise<JobResult | undefined>((resolve) => {
      settle = resolve;
    });
    const leave = (): void => settle(undefined);
    signal.addEventListener('abort', leave, { once: true });
    const others = this.waiting.get(id);
    const waiting: Waiting = others ?? { request, settlers: new Set() };
    waiting.settlers.add(settle);
    this.waiting.set(id, waiting);
    try {
      if (others === undefined) await Promise.race([this.begin(request), settled]);
      this.watch();
      return await settled;
    } finally {
      signal.removeEventListener('abort', leave);
      waiting.settlers.delete(settle);
      if (waiting.settlers.size === 0) this.waiting.delete(id);
      if (this.waiting.size === 0) this.stop();
    }
  }

  close(): Promise<void> {
    this.stop();
    return this.board.close();
  }

  /** Puts it in, with all others that are asked for at this moment. */
  private begin(request: JobRequest): Promise<void> {
    this.beginning.push(request);
    this.begun ??= new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
      const together = this.beginning.splice(0);
      this.begun = undefined;
      return this.beginAll(together);
    });
    return this.begun;
  }

  private async beginAll(requests: readonly JobRequest[]): Promise<void> {
    for (const id of await this.endedOf(requests.map((request) => request.id))) await this.board.remove(id);
    for (let at = 0; at < requests.length; at += putTogether)
      await this.put(requests.slice(at, at + putTogether));
    // How others have ended that were put in before may be known already.
    this.counted = '';
  }

  /** Those that have ended before. */
  private async endedOf(ids: readonly string[]): Promise<string[]> {
    if (ids.length > askedSingly) {
      const over = new Set(await this.board.getRanges([...ended], 0, -1));
      return ids.filter((id) => over.has(id));
    }
    const states = await Promise.all(ids.map((id) => this.board.getJobState(id)));
    return ids.filter((_, at) => ended.some((state) => state === states[at]));
  }

  private async put(requests: readonly JobRequest[]): Promise<void> {
    await this.board.addBulk(
      requests.map(({ id, args, title }) => ({
        name: title,
        data: { args: [...args], title, passes: 0 } satisfies JobData,
        opts: { jobId: id, ...kept },
      })),
    );
  }

  private watch(): void {
    this.timer ??= setInterval(() => {
      // One look at a time; without a connection it lasts until there is one.
      if (this.isLooking) return;
      this.isLooking = true;
      this.look()
        .catch(() => {})
        .finally(() => {
          this.isLooking = false;
        });
    }, this.times.lookMs);
  }

  private stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private async look(): Promise<void> {
    this.sinceReconciled += this.times.lookMs;
    const counts = JSON.stringify(await this.board.getJobCounts(...ended));
    const isDue = this.sinceReconciled >= this.times.reconcileMs;
    if (counts === this.counted && !isDue) return;
    const over = new Set(await this.board.getRanges([...ended], 0, -1));
    for (const { request } of [...this.waiting.values()])
      if (over.has(request.id)) await this.settle(request.id);
    this.counted = counts;
    if (isDue) await this.reconcile();
  }

  private async settle(id: string): Promise<void> {
    const job = await this.board.getJob(id);
    if (job === undefined) return;
    const state = await job.getState();
    const returned = jobResultSchema.safeParse(job.returnvalue);
    const settle = (found: JobResult): void => {
      for (const one of this.waiting.get(id)?.settlers ?? []) one(found);
    };
    if (state === 'completed' && returned.success) settle(returned.data);
    else if (state === 'failed') settle(failureOf(job.failedReason));
  }

  /** Servers that lose what they were told last forget jobs. */
  private async reconcile(): Promise<void> {
    this.sinceReconciled = 0;
    const before = [...this.waiting.values()];
    const there = new Set(await this.board.getRanges([...unended, ...ended], 0, -1));
    for (const { request } of before)
      if (!there.has(request.id) && (await this.board.getJobState(request.id)) === 'unknown')
        await this.put([request]);
  }
}
