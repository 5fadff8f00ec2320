// So many pieces of work at a time: the others wait in line.

export class Slots {
  private readonly waiting: (() => void)[] = [];

  constructor(private free: number) {}

  /** Runs `work` once there is a slot, in the order of the calls, and gives the slot back however it ends. */
  use<T>(work: () => Promise<T>): Promise<T> {
    return this.enter(work, (wake) => this.waiting.push(wake));
  }

  /** As `use`, but before all that wait so far. */
  useNext<T>(work: () => Promise<T>): Promise<T> {
    return this.enter(work, (wake) => this.waiting.unshift(wake));
  }

  private async enter<T>(work: () => Promise<T>, queue: (wake: () => void) => void): Promise<T> {
    if (this.free > 0) this.free -= 1;
    else await new Promise<void>((resolve) => queue(resolve));
    try {
      return await work();
    } finally {
      const next = this.waiting.shift();
      if (next === undefined) this.free += 1;
      else next();
    }
  }
}
