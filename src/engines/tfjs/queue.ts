// One request after the other: a run exchanges the state's tensors, and what comes next must see that. Before each, the
// event loop gets its turn, since a run keeps the thread busy.
import { setImmediate } from 'node:timers/promises';
import { GenonnxError } from '../../errors.js';

export class Queue {
  #last: Promise<unknown> = Promise.resolve();
  #closed = false;

  /** @throws GenonnxError `engine` once the queue is closed, and for whatever the work fails with. */
  add<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(async () => {
      await setImmediate();
      if (this.#closed)
        throw new GenonnxError('engine', 'The engine was disposed of.', {
          cure: 'Finish its runs before disposing of it, or create another engine.',
        });
      return await guarded(work);
    });
    this.#last = done.catch(() => {});
    return done;
  }

  /** Refuses whatever has not begun, and waits for what has. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#last;
  }
}

async function guarded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof GenonnxError) throw error;
    const found = error instanceof Error ? error.message : String(error);
    throw new GenonnxError(
      'engine',
      'TensorFlow.js failed.',
      { found, cure: 'See what genonnx doctor says of this machine.' },
      { cause: error },
    );
  }
}
