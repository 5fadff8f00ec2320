// Who makes the runs of a study: processes of this machine, or workers that take them out of a queue.
import { type StartChild, startChild } from '../study/child-process.js';
import type { QueueOptions } from './queue-options.js';
import type { QueuedRuns } from './queued-runs.js';
import type { Note } from './session.js';

export interface Starting {
  readonly jobs: number | undefined;
  readonly startChild: StartChild;
  /** Where there is a queue. */
  readonly queued?: QueuedRuns;
  close(): Promise<void>;
}

const reportMs = 15_000;

/** In a queue all runs wait at once: how many are made at a time, its workers say. */
export async function startingBy(
  queue: QueueOptions | undefined,
  jobs: number | undefined,
  onNote: Note | undefined,
): Promise<Starting> {
  if (queue === undefined) return { jobs, startChild, close: async () => {} };
  const { openQueuedRuns } = await import('./queued-runs.js');
  const queued = await openQueuedRuns({ ...queue, onNote });
  let said = '';
  const reporting = setInterval(() => {
    queued.report().then(
      (lines) => {
        if (lines.join('\n') !== said) for (const line of lines) onNote?.(line);
        said = lines.join('\n');
      },
      () => {},
    );
  }, reportMs);
  return {
    jobs: Number.POSITIVE_INFINITY,
    startChild: queued.startChild,
    queued,
    close: async () => {
      clearInterval(reporting);
      await queued.close();
    },
  };
}
