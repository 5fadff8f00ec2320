// A queue's server that is slow, silent or gone: the page goes on, and says so.
import { expect, it } from 'vitest';
import type { QueuesInfo } from '../../../src/live/messages.js';
import { WatchedQueues } from '../../../src/live/watched-queues.js';

const silent = new Promise<never>(() => {});
const queue = (done: number): QueuesInfo['queues'][number] => ({
  name: 'q',
  title: 'queue',
  counts: { waiting: 0, running: 0, stalled: 0, failed: 0, done },
  workers: [],
  jobs: [],
});
const turn = () => new Promise((resolve) => setImmediate(resolve));

it('waits for the first answer, and then for none', async () => {
  const answers: Promise<QueuesInfo['queues']>[] = [Promise.resolve([queue(1)]), Promise.resolve([queue(2)])];
  const watched = new WatchedQueues(() => answers.shift() ?? silent, 20);
  expect(await watched.look()).toEqual({ queues: [queue(1)] });
  // Asked again: its answer is there the next time.
  expect(await watched.look()).toEqual({ queues: [queue(1)] });
  await turn();
  expect(await watched.look()).toEqual({ queues: [queue(2)] });
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect(await watched.look()).toMatchObject({
    queues: [queue(2)],
    failure: expect.stringContaining('not answer'),
  });
});

it('says what is known where nobody has ever answered, and what the error was', async () => {
  let asked = 0;
  const watched = new WatchedQueues(() => {
    asked += 1;
    return silent;
  }, 10);
  expect(await watched.look()).toMatchObject({ queues: [], failure: expect.stringContaining('not answer') });
  await watched.look();
  expect(asked).toBe(1);
  const refusing = new WatchedQueues(() => Promise.reject(new Error('refused')));
  expect(await refusing.look()).toEqual({ queues: [], failure: 'refused' });
});
