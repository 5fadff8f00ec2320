import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { studyResultsSchema } from '../../src/study/results.js';
import { redis, redisPassword, redisTls, type Server } from '../support/servers.js';
import { freshFolder, genonnx } from './command.js';

const study = `name: Queued
data: fashion-mnist
limit: 64
seeds: [1]
methods:
  - {name: DATA M=2, method: egs, samples: 2}
  - {method: random, match: parameters}
search: {epochs: 2, batch: 8, channels: 4, cells: 1, checkpoint-seconds: 0}
train: {epochs: 1, batch: 8, channels: 4, cells: 1, checkpoint-seconds: 0}
`;

const withoutTimes = (folder: string): string => {
  const results = studyResultsSchema.parse(JSON.parse(readFileSync(join(folder, 'study.json'), 'utf8')));
  return JSON.stringify(results, (key, value) => (key === 'times' ? undefined : value), 2);
};

/** Waits until a run of the store has a checkpoint. */
async function untilBegun(store: string): Promise<void> {
  const unfinished = join(store, 'unfinished');
  for (;;) {
    const paths = existsSync(unfinished) ? readdirSync(unfinished, { recursive: true }).map(String) : [];
    if (paths.some((path) => path.endsWith('last.json'))) return;
    await wait(20);
  }
}

describe('a study over a queue', () => {
  let server: Server;
  /** Where the server speaks TLS alone: with a certificate of its own. */
  let env: Record<string, string> = {};
  beforeAll(async () => {
    if (redisTls.missing === undefined) {
      const secure = await redisTls.start();
      server = secure;
      env = { NODE_EXTRA_CA_CERTS: secure.certificate };
    } else if (redis.missing === undefined) server = await redis.start();
  });
  afterAll(async () => {
    await server?.stop();
  });

  it('comes to what it comes to without, though a worker and it itself are killed', {
    timeout: 300_000,
  }, async ({ skip }) => {
    if (redis.missing !== undefined) skip(redis.missing);
    const folder = freshFolder();
    const [file, whole, store] = [join(folder, 'queued.yaml'), join(folder, 'whole'), join(folder, 'store')];
    writeFileSync(file, study);
    const queue = ['--queue', server.address, '--store', store];
    const begin = () => genonnx(['worker', ...queue, '--patience', '3'], { all: true, env });
    const coordinate = () => genonnx(['study', file, ...queue], { all: true, env });

    const alone = genonnx(['study', file, '--out', whole]);
    const [first, killed] = [begin(), coordinate()];
    await untilBegun(store);
    first.kill('SIGKILL');
    killed.kill('SIGKILL');
    await Promise.all([first, killed]);
    const [second, third] = [begin(), begin()];
    const [finished, reference] = await Promise.all([coordinate(), alone]);
    expect(reference.exitCode, String(reference.stderr)).toBe(0);
    expect(finished.exitCode, String(finished.all)).toBe(0);
    const own = join(store, 'studies', 'queued');
    expect(withoutTimes(own)).toBe(withoutTimes(whole));
    for (const run of ['data-m-2/seed-1', 'random/seed-1']) {
      const model = (of: string) => readFileSync(join(of, 'runs', run, 'child', 'model.onnx'));
      expect(model(own).equals(model(whole)), run).toBe(true);
    }
    expect(readdirSync(join(store, 'runs'))).toHaveLength(3);
    expect(readdirSync(join(store, 'unfinished'))).toEqual([]);

    second.kill('SIGINT');
    third.kill('SIGINT');
    const words = (await Promise.all([second, third])).map(({ all }) => String(all));
    expect((await third).exitCode).toBe(130);
    expect(words.join()).toContain('serves: jobs for fashion-mnist, genonnx');
    // Another study that wants the same runs has them at once, without a worker.
    const again = await genonnx(['study', file, ...queue, '--out', join(folder, 'again')], {
      all: true,
      env,
    });
    expect(again.exitCode, String(again.all)).toBe(0);
    expect(withoutTimes(join(folder, 'again'))).toBe(withoutTimes(whole));

    expect([...words, String(finished.all), String(again.all)].join()).not.toContain(redisPassword);
    for (const path of readdirSync(folder, { recursive: true }).map(String))
      if (/\.(?:jsonl?|log|html)$/.test(path))
        expect(readFileSync(join(folder, path), 'utf8'), path).not.toContain(redisPassword);
  });

  it('says what is missing', { timeout: 60_000 }, async () => {
    const [noStore, noQueue] = await Promise.all([
      genonnx(['worker', '--queue', 'redis://127.0.0.1:1']),
      genonnx(['worker', '--queue', 'http://me:hidden@host', '--store', 'x']),
    ]);
    expect(noStore.exitCode).toBe(2);
    expect(noStore.stderr).toContain('--store FOLDER');
    expect(noQueue.exitCode).toBe(2);
    expect(noQueue.stderr).not.toContain('hidden');
  });
});
