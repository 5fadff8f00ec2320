// What a queue's server says, asked without waiting for it: one that does not answer holds nothing else up.
import { setTimeout as wait } from 'node:timers/promises';
import type { QueuesInfo } from './messages.js';

/** How long an answer may take before it is said that there is none. */
const patienceMs = 3_000;

type Read = () => Promise<QueuesInfo['queues']>;

export class WatchedQueues {
  #known: QueuesInfo | undefined;
  #asking: { readonly answer: Promise<void>; readonly sinceMs: number } | undefined;

  constructor(
    readonly read: Read,
    readonly patience = patienceMs,
  ) {}

  /** What the server has said last, and asks it again; the first time its answer is waited for. */
  async look(): Promise<QueuesInfo> {
    this.#asking ??= { answer: this.#ask(), sinceMs: performance.now() };
    const { answer, sinceMs } = this.#asking;
    if (this.#known === undefined)
      await Promise.race([answer, wait(this.patience, undefined, { ref: false })]);
    const isLate = this.#asking !== undefined && performance.now() - sinceMs >= this.patience;
    const { queues, failure } = this.#known ?? { queues: [] };
    if (isLate)
      return { queues, failure: 'The server of the queue does not answer. This is the last that is known.' };
    return failure === undefined ? { queues } : { queues, failure };
  }

  async #ask(): Promise<void> {
    try {
      this.#known = { queues: await this.read() };
    } catch (error) {
      const failure = error instanceof Error ? error.message : String(error);
      this.#known = { queues: this.#known?.queues ?? [], failure };
    } finally {
      this.#asking = undefined;
    }
  }
}
