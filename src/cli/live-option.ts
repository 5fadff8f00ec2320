// A page of a run beside the run itself, in the same process: it reads what the run writes, and changes nothing of it.
import { live } from '../library/live.js';
import { say } from './output.js';

export const liveOption = ['--live', 'serve a page of it while it goes on, and print the address'] as const;

/** Does `work` whose run lies in `folder`, beside a page of it where that is asked for; with the queue that makes it, where there is one. */
export async function whileLive<R>(
  isAsked: boolean | undefined,
  folder: string,
  work: () => Promise<R>,
  queue?: string | undefined,
): Promise<R> {
  if (isAsked !== true) return work();
  const server = await live([folder], { isComing: true, queue });
  say(`live: ${server.url}`);
  try {
    return await work();
  } finally {
    await server.close();
  }
}
