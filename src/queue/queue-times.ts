// How often whoever waits for a queue looks at it.

export interface QueueTimes {
  /** How often to ask whether something has ended. */
  readonly lookMs: number;
  /** How often to see that nothing was forgotten. */
  readonly reconcileMs: number;
}

export const queueTimes: QueueTimes = { lookMs: 500, reconcileMs: 30_000 };
