// A job that a worker has taken: its lock is renewed until the job is given back, and is lost when the queue says so or when
// nothing was heard from it for as long as the lock lasts. Whoever has lost it must stop: the job is somebody else's.
import { elapsedMs, moment } from '../runs/elapsed.js';
import type { TakenJob } from './engine.js';
import type { JobData, JobProgress, JobResult } from './job.js';

export class HeldJob {
  private readonly losing = new AbortController();
  private readonly timer: NodeJS.Timeout;
  private renewed = moment();
  private isDone = false;

  /** @param token That it was taken with. */
  constructor(
    private readonly job: TakenJob,
    readonly data: JobData,
    private readonly token: string,
    private readonly lockMs: number,
  ) {
    this.timer = setInterval(() => this.renew(), lockMs / 6);
  }

  get id(): string {
    return this.job.id ?? '';
  }

  /** Aborted once the lock is lost. */
  get lost(): AbortSignal {
    return this.losing.signal;
  }

  /** Whether the lock is ours, as far as we know. */
  isHeld(): boolean {
    this.look();
    return !this.lost.aborted;
  }

  async say(progress: JobProgress): Promise<void> {
    if (this.isHeld()) await this.job.updateProgress(progress);
  }

  async complete(result: JobResult): Promise<void> {
    await this.end(() => this.job.moveToCompleted(result, this.token, false));
  }

  /** What the queue keeps of a failure is one text, which is the result. */
  async fail(result: JobResult): Promise<void> {
    await this.end(() => this.job.moveToFailed(new Error(JSON.stringify(result)), this.token, false));
  }

  /** Lets others have it. */
  async giveBack(): Promise<void> {
    await this.end(() => this.job.moveToWait(this.token));
  }

  /** Leaves it to another machine. */
  async pass(): Promise<void> {
    await this.end(async () => {
      await this.job.updateData({ ...this.data, passes: this.data.passes + 1 } satisfies JobData);
      await this.job.moveToWait(this.token);
    });
  }

  /** Renews nothing any more, without a word to the queue. */
  drop(): void {
    this.isDone = true;
    clearInterval(this.timer);
  }

  private async end(work: () => Promise<unknown>): Promise<void> {
    try {
      if (this.isHeld()) await work();
    } catch (error) {
      // Lost at the last moment: whoever has it now finds what was published, or goes on.
      if (this.isHeld() && !/lock|not in the active state|Missing key/i.test(String(error))) throw error;
    } finally {
      this.drop();
    }
  }

  private renew(): void {
    this.look();
    if (this.lost.aborted || this.isDone) return;
    const asked = moment();
    this.job.extendLock(this.token, this.lockMs).then(
      (renewed) => {
        if (renewed > 0) this.renewed = asked;
        else if (!this.isDone) this.lose();
      },
      // No connection: the engine connects again, and the next renewal may be in time.
      () => {},
    );
  }

  /** A worker that was suspended finds out by its clock, before it hears from the queue. */
  private look(): void {
    if (!this.isDone && elapsedMs(this.renewed) > this.lockMs * trusted) this.lose();
  }

  private lose(): void {
    clearInterval(this.timer);
    this.losing.abort();
  }
}

/** The share of the lock's time after which its holder does not count on it: the queue's clock began a little earlier. */
const trusted = 0.9;
