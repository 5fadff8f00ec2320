// A job of a queue as it is listed, whatever the server.

/** A job as it is in the queue; `data`, `progress` and `returnvalue` may be anything. */
export interface ListedJob {
  readonly id: string;
  readonly name: string;
  readonly data: unknown;
  readonly progress: unknown;
  readonly returnvalue: unknown;
  readonly failedReason?: string | undefined;
  /** The name of the worker that took it last. */
  readonly processedBy?: string | undefined;
  /** Milliseconds since 1970: put in, taken, ended. */
  readonly timestamp: number;
  readonly processedOn?: number | undefined;
  readonly finishedOn?: number | undefined;
}

export type ListedState = 'waiting' | 'delayed' | 'prioritized' | 'active' | 'failed' | 'completed';

/** The newest of each of these states, at most `most` of each, state after state. */
export type ListJobs = (states: readonly ListedState[], most: number) => Promise<ListedJob[]>;
