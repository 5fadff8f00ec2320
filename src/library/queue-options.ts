// Where runs are made that workers take out of a queue. Apart from what opens it: callers need none of the engine's types.
import type { QueueTimes } from '../queue/queue-times.js';

export interface QueueOptions {
  /** `redis://HOST:PORT`, `rediss://...` or `postgres://...` */
  readonly queue: string;
  /** A folder: one that all machines share, or one that this process keeps for them. */
  readonly store: string;
  /** Where to answer machines that do not share the folder; nowhere, where it is not given. */
  readonly serve?: { readonly host: string; readonly port: number } | undefined;
  readonly onNote?: ((text: string) => void) | undefined;
  readonly times?: QueueTimes;
}
