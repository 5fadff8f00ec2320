// Tables and experiments over a queue come to what they come to without.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { redis, type Server } from '../support/servers.js';
import { freshFolder, genonnx } from './command.js';

const table = `name: A few
task: one-cell
data: fashion-mnist
limit: 64
seeds: [1, 2]
train: { stages: 1, channels: 4, epochs: 1, batch: 16, stem-stride: 4 }
`;
const declaration = `kind: table
title: Tiny
source: Table 0
shows: Nothing.
columns: [test-error, parameters]
published: []
incomparable: [None of it.]
scales:
  small:
    study:
      data: fashion-mnist
      limit: 64
      seeds: [1]
      methods: [{ name: published, genotype: DARTS_V2 }]
      train: { epochs: 1, batch: 16, channels: 4, cells: 3 }
  paper:
    study:
      data: fashion-mnist
      seeds: [1]
      methods: [{ name: published, genotype: DARTS_V2 }]
      train: { epochs: 1 }
`;

const withoutTimes = (file: string): string =>
  JSON.stringify(JSON.parse(readFileSync(file, 'utf8')), (key, value) =>
    ['seconds', 'times'].includes(key) ? undefined : value,
  );

describe('over a queue', () => {
  let server: Server;
  beforeAll(async () => {
    if (redis.missing === undefined) server = await redis.start();
  });
  afterAll(async () => {
    await server?.stop();
  });

  it('a table and an experiment are what they are without', { timeout: 240_000 }, async ({ skip }) => {
    if (redis.missing !== undefined) skip(redis.missing);
    const folder = freshFolder();
    const [few, tiny, store] = ['few.yaml', 'tiny.yaml', 'store'].map((name) => join(folder, name));
    if (few === undefined || tiny === undefined || store === undefined) return;
    writeFileSync(few, table);
    writeFileSync(tiny, declaration);
    const queue = ['--queue', server.address, '--store', store];
    const at = (name: string) => ['--out', join(folder, name)];

    const worker = genonnx(['worker', ...queue, '--slots', '2'], { all: true });
    const ended = await Promise.all([
      genonnx(['tabulate', few, '--limit-cells', '2', '--jobs', '1', ...at('table')], { all: true }),
      genonnx(['tabulate', few, '--limit-cells', '2', ...queue], { all: true }),
      genonnx(['experiment', tiny, ...at('experiments')], { all: true }),
      genonnx(['experiment', tiny, ...at('queued'), ...queue], { all: true }),
    ]);
    worker.kill('SIGINT');
    const said = String((await worker).all);
    for (const { exitCode, all } of ended) expect(exitCode, `${all}\n${said}`).toBe(0);

    const tableIn = (of: string) => withoutTimes(join(of, 'table.json'));
    expect(tableIn(join(store, 'studies', 'few'))).toBe(tableIn(join(folder, 'table')));
    const experimentIn = (of: string) => withoutTimes(join(folder, of, 'tiny-small', 'experiment.json'));
    expect(experimentIn('queued')).toBe(experimentIn('experiments'));
    const kinds = readdirSync(join(store, 'runs')).map((name) => name.split('-')[0]);
    expect(kinds.sort()).toEqual(['rows', 'train']);
    expect(said).toContain('done: rows of A few: 4 from seed 1');
  });
});
