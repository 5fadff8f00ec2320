import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { readerOf } from '../../../src/queue/queue-state.js';
import { fakeRuns, openQueue, quick, resultIn, tools, writeCheckpoint } from '../../support/queue-workers.js';
import { postgres, redis, type Server } from '../../support/servers.js';
import { scratch } from '../runs/helpers.js';

/** However busy the machine is. */
const soon = <T>(look: () => T) => expect.poll(look, { timeout: 50_000 });

type OpenQueue = Awaited<ReturnType<typeof openQueue>>;

describe.each([redis, postgres])('a queue on $name', ({ name, missing, start }) => {
  let server: Server;
  let queue: OpenQueue;
  const open: OpenQueue[] = [];
  const opened = async (): Promise<OpenQueue> => {
    const made = await openQueue(server.address, join(scratch(), 'store'));
    open.push(made);
    return made;
  };

  beforeAll(async () => {
    if (missing === undefined) server = await start();
  });
  afterEach(async () => {
    for (const one of open.splice(0)) await one.close();
  });
  afterAll(async () => {
    await server?.stop();
  });
  const skipIf = (skip: (note: string) => void): void => {
    if (missing !== undefined) skip(`${name}: ${missing}`);
  };
  const ids = (count: number): string[] =>
    Array.from({ length: count }, (_, i) => `train-${'0'.repeat(30)}${10 + i}`);

  it('has each of its runs made once, on any of its workers, and twice for nobody', async ({ skip }) => {
    skipIf(skip);
    queue = await opened();
    const { begun, on } = fakeRuns();
    const wanted = ids(10);
    const ended = wanted.map((id) => queue.run(id));
    for (const host of ['a', 'b', 'c', 'd']) queue.worker(host, { startChild: on(host) });
    // Another study wants some of them, too.
    const again = wanted.slice(3, 6).map((id) => queue.run(id));
    const results = await Promise.all([...ended, ...again]);
    expect(results.map((result) => result?.exitCode)).toEqual(results.map(() => 0));
    expect(begun.map(({ title }) => title).sort()).toEqual(wanted);
    for (const id of wanted) expect(await resultIn(queue.store, id)).toBe(id);
    expect(readdirSync(join(queue.store.path, 'unfinished'))).toEqual([]);
    const reader = await readerOf(queue.engine);
    const state = (await reader.read()).find((one) => one.name === queue.board.name);
    expect(state?.counts).toEqual({ waiting: 0, running: 0, stalled: 0, failed: 0, done: 10 });
    expect(state?.workers.map((worker) => worker[0]).sort()).toEqual(['a', 'b', 'c', 'd']);
    await reader.close();
  });

  it('tells why a run failed, and has it tried again when it is asked for again', async ({ skip }) => {
    skipIf(skip);
    queue = await opened();
    let exitCode = 2;
    const { begun, on } = fakeRuns(() => exitCode);
    queue.worker('a', { startChild: on('a') });
    const [id = ''] = ids(1);
    const failed = await queue.run(id);
    expect(failed).toMatchObject({ exitCode: 2, lastLines: ['something', 'error: ended with 2'], host: 'a' });
    const reader = await readerOf(queue.engine);
    const state = (await reader.read()).find((one) => one.name === queue.board.name);
    expect(state?.jobs).toMatchObject([
      {
        id,
        state: 'failed',
        error: 'exit code 2: error: ended with 2',
        host: 'a',
        lastLines: ['something', 'error: ended with 2'],
      },
    ]);
    await reader.close();
    exitCode = 0;
    expect((await queue.run(id))?.exitCode).toBe(0);
    expect(begun.map(({ isResumed }) => isResumed)).toEqual([false, true]);
  });

  it('has a run that found the disk full go on, though there is room again by then', async ({ skip }) => {
    skipIf(skip);
    queue = await opened();
    const { begun, on } = fakeRuns(({ isResumed }) => (isResumed ? 0 : 2));
    const full = ['error: Cannot write this file.', '  found:    no space left on the device'];
    queue.worker('a', {
      startChild: async (args, watch) => {
        const ended = await on('a')(args, watch);
        return ended.exitCode === 0 ? ended : { ...ended, lastLines: full };
      },
    });
    expect((await queue.run(ids(1)[0] ?? ''))?.exitCode).toBe(0);
    expect(begun.map(({ isResumed }) => isResumed)).toEqual([false, true]);
  });

  it('takes a run as done that somebody published while its process failed over that', async ({ skip }) => {
    skipIf(skip);
    queue = await opened();
    const { store } = queue;
    const [id = ''] = ids(1);
    const { on } = fakeRuns(async ({ folder }) => {
      writeFileSync(join(folder, 'results.json'), JSON.stringify({ of: id }));
      await store.publish(id, folder, join(folder, 'none'));
      return 2;
    });
    queue.worker('a', { startChild: on('a') });
    expect((await queue.run(id))?.exitCode).toBe(0);
    expect(await resultIn(store, id)).toBe(id);
  });

  it('is left by a coordinator, and found again by the next', async ({ skip }) => {
    skipIf(skip);
    queue = await opened();
    const [first = '', second = ''] = ids(2);
    const leaving = new AbortController();
    const left = [queue.run(first, leaving.signal), queue.run(second, leaving.signal)];
    await soon(() => queue.jobs.pending).toBe(2);
    leaving.abort();
    expect(await Promise.all(left)).toEqual([undefined, undefined]);
    const { begun, on } = fakeRuns();
    queue.worker('a', { startChild: on('a') });
    expect((await queue.run(second))?.exitCode).toBe(0);
    expect((await queue.run(first))?.exitCode).toBe(0);
    expect(begun).toHaveLength(2);
  });

  it('that forgets a job is told it again', async ({ skip }) => {
    skipIf(skip);
    queue = await opened();
    const [id = ''] = ids(1);
    const ended = queue.run(id);
    await soon(() => queue.board.getJobState(id)).toBe('waiting');
    await queue.board.remove(id);
    const { on } = fakeRuns();
    queue.worker('a', { startChild: on('a') });
    expect((await ended)?.exitCode).toBe(0);
  });

  it('gives a job back that its worker was stopped in, and the next one goes on with it', async ({
    skip,
  }) => {
    skipIf(skip);
    queue = await opened();
    const { begun, on } = fakeRuns(({ isResumed, folder, signal }) => {
      if (isResumed) return 0;
      writeCheckpoint(folder);
      return new Promise((resolve) => signal.addEventListener('abort', () => resolve(130)));
    });
    const [id = ''] = ids(1);
    const ended = queue.run(id);
    const stop = queue.worker('a', { startChild: on('a') });
    await soon(() => begun.length).toBe(1);
    await stop();
    queue.worker('b', { startChild: on('b') });
    expect((await ended)?.exitCode).toBe(0);
    expect(begun.map(({ host, isResumed }) => [host, isResumed])).toEqual([
      ['a', false],
      ['b', true],
    ]);
    expect(await queue.store.published(id)).toMatchObject({
      attempts: [
        { host: 'a', from: null },
        { host: 'b', from: '000001' },
      ],
      continuedElsewhere: true,
    });
  });

  it('leaves a run to the machine that has its checkpoint, if it is there', async ({ skip }) => {
    skipIf(skip);
    queue = await opened();
    const [id = ''] = ids(1);
    const place = await queue.store.open(id);
    mkdirSync(place.folder);
    writeFileSync(join(place.folder, 'config.json'), JSON.stringify({ title: id }));
    writeCheckpoint(place.folder);
    await place.attempt({ host: 'b', from: null });
    const { begun, on } = fakeRuns();
    queue.worker('a', { startChild: on('a') });
    queue.worker('b', { startChild: on('b') });
    const reader = await readerOf(queue.engine);
    await soon(
      async () => (await reader.read()).find((one) => one.name === queue.board.name)?.workers.length,
    ).toBe(2);
    await reader.close();
    expect((await queue.run(id))?.exitCode).toBe(0);
    expect(begun.map(({ host }) => host)).toEqual(['b']);
    expect((await queue.store.published(id))?.continuedElsewhere).toBe(false);
  });

  it('gives the job of a worker that fell silent to another, and the silent one publishes nothing', async ({
    skip,
  }) => {
    skipIf(skip);
    queue = await opened();
    const [id = ''] = ids(1);
    // A machine that died: it took the job, and nothing more is heard of it.
    const taker = queue.engine.taker(queue.board.name, 'dead-1', { lockMs: 300, stalledMs: 1_000_000 });
    const ended = queue.run(id);
    await soon(() => queue.board.getJobState(id)).toBe('waiting');
    expect((await taker.getNextJob('dead', { block: false }))?.id).toBe(id);
    const { begun, on } = fakeRuns();
    queue.worker('a', { startChild: on('a'), times: { ...quick, lockMs: 1_500 } });
    expect((await ended)?.exitCode).toBe(0);
    expect(begun[0]?.host).toBe('a');
    await taker.close();
  });

  it('is served by workers of its version and store alone, who say why', async ({ skip }) => {
    skipIf(skip);
    queue = await opened();
    const { begun, on } = fakeRuns();
    const said: string[] = [];
    const line = (text: string) => said.push(text);
    queue.worker('old', { startChild: on('old'), tools: { genonnx: '0.0.0-old' }, line });
    await soon(() => said.join()).toContain('genonnx 0.0.0-test is wanted, and 0.0.0-old is here');
    const ended = queue.run(ids(1)[0] ?? '');
    queue.worker('new', { startChild: on('new'), tools });
    expect((await ended)?.host).toBe('new');
    expect(begun.map(({ host }) => host)).toEqual(['new']);
  });

  it.runIf(name === 'redis')(
    'whose server dies and comes back loses nothing',
    { timeout: 60_000 },
    async ({ skip }) => {
      skipIf(skip);
      queue = await opened();
      const { begun, on } = fakeRuns(() => wait(100, 0));
      const wanted = ids(12);
      const ended = wanted.map((id) => queue.run(id));
      for (const host of ['a', 'b']) queue.worker(host, { startChild: on(host) });
      await soon(() => begun.length).toBeGreaterThan(3);
      await server.kill();
      await wait(300);
      await server.restart();
      const results = await Promise.all(ended);
      expect(results.map((result) => result?.exitCode)).toEqual(wanted.map(() => 0));
      for (const id of wanted) expect(await resultIn(queue.store, id)).toBe(id);
      expect(existsSync(join(queue.store.path, 'unfinished', wanted[0] ?? ''))).toBe(false);
    },
  );
});
