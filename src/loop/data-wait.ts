// How long steps wait for their batches: the time in which an engine could have worked. Batches that are made ahead cost no
// time here, those that are made when they are asked for cost all of theirs.

/** The waiting of an epoch. */
export class DataWait {
  #ms = 0;

  /** What `next` gives, once it is there. */
  async during<T>(next: () => T | Promise<T>): Promise<T> {
    const before = performance.now();
    try {
      return await next();
    } finally {
      this.#ms += performance.now() - before;
    }
  }

  /** Share of the seconds of an epoch that went by so; the next epoch begins with none. */
  shareOf(seconds: number): number {
    const share = this.#ms / (seconds * 1000);
    this.#ms = 0;
    return share;
  }
}
