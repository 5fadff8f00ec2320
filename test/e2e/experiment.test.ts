// `genonnx experiment` as a user types it: tiny declarations of one's own, and the exact figure.
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { EXPERIMENT_NAMES } from '../../src/experiment/names.js';
import { experimentResultsSchema, type TableResults } from '../../src/experiment/results.js';
import { freshFolder, genonnx } from './command.js';

/** A table whose searches another may share. */
const declaration = (columns: string, methods: string, train: string): string => `kind: table
title: Tiny
source: Table 0
shows: Nothing.
columns: [${columns}]
published:
  - { name: DARTS, values: { gap: 33.01 } }
incomparable:
  - None of it.
scales:
  small:
    study:
      data: fashion-mnist
      limit: 64
      seeds: [1]
      methods:
${methods}
      search: { epochs: 2, batch: 8, channels: 4, cells: 1, checkpoint-seconds: 0 }
      train: ${train}
  paper:
    data: { what: pictures, examples: 50000, stand-in: cifar-10 }
    measured: { search: 40 }
    study:
      preset: cifar
      seeds: [1]
      methods:
        - { name: DARTS, method: darts }
      search: { epochs: 3, batch: 8, channels: 4, cells: 1 }
      train: false
`;
const gaps = declaration(
  'search-error, child-error, gap',
  '        - { name: DARTS, method: darts }',
  'false',
);
const trained = declaration(
  'test-error, parameters',
  `        - { name: DARTS, method: darts }
        - { name: two, method: darts, derive: { rule: darts, operations: 2 } }
        - { name: published, genotype: DARTS_V2 }`,
  '{ epochs: 1, batch: 16, channels: 4, cells: 3 }',
);

function tableIn(folder: string): TableResults {
  const text = readFileSync(join(folder, 'experiment.json'), 'utf8');
  const results = experimentResultsSchema.parse(JSON.parse(text));
  if (results.kind !== 'table') throw new Error('It is no table.');
  return results;
}

async function untilBegun(out: string): Promise<void> {
  for (;;) {
    const files = existsSync(out) ? readdirSync(out, { recursive: true }).map(String) : [];
    if (files.some((path) => path.endsWith(join('checkpoints', 'last.json')))) return;
    await wait(50);
  }
}

describe('genonnx experiment', () => {
  it('goes on where it was stopped, and takes from another experiment what that one has made', {
    timeout: 180_000,
  }, async () => {
    const folder = freshFolder();
    const out = join(folder, 'experiments');
    const [gapsFile, trainedFile] = [join(folder, 'gaps.yaml'), join(folder, 'trained.yaml')];
    writeFileSync(gapsFile, gaps);
    writeFileSync(trainedFile, trained);

    const begun = genonnx(['experiment', gapsFile, '--out', out]);
    await untilBegun(out);
    begun.kill('SIGINT');
    const stopped = await begun;
    expect(stopped.exitCode, String(stopped.stderr)).toBe(130);

    const gone = await genonnx(['experiment', gapsFile, '--out', out]);
    expect(gone.exitCode, String(gone.stderr)).toBe(0);
    const results = tableIn(join(out, 'gaps-small'));
    const [row] = results.rows;
    expect(row).toMatchObject({ name: 'DARTS', paper: { gap: 33.01 } });
    expect(row?.ours.gap).toMatchObject({ values: [expect.any(Number)], standardDeviation: null });
    expect(results.study.runs[0]?.times.continuations).toBe(1);
    expect(readFileSync(join(out, 'gaps-small', 'table.md'), 'utf8')).toMatch(
      /\| DARTS \| [\d.]+ \| [\d.]+ \| 33.01 \|/,
    );
    expect(existsSync(join(out, 'gaps-small', 'report.html'))).toBe(true);

    const second = await genonnx(['experiment', trainedFile, '--out', out, '--json']);
    expect(second.exitCode, String(second.stderr)).toBe(0);
    expect(String(second.stderr)).not.toContain('search:');
    const { rows } = experimentResultsSchema.parse(JSON.parse(String(second.stdout))) as TableResults;
    const sizes = rows
      .map(({ ours }) => ours.parameters)
      .map((cell) => (cell && 'mean' in cell ? cell.mean : 0));
    expect(sizes).toHaveLength(3);
    // Twice as many operations of each edge.
    expect(sizes[1]).toBeGreaterThan(sizes[0] ?? 0);
    expect(readdirSync(join(out, 'searches')).filter((name) => !name.endsWith('.log'))).toHaveLength(1);

    // Of the journal alone nothing can be told apart: all runs are there.
    rmSync(join(out, 'trained-small'), { recursive: true });
    const again = await genonnx(['experiment', trainedFile, '--out', out]);
    expect(String(again.stderr)).not.toContain('training:');
    expect(tableIn(join(out, 'trained-small')).rows).toEqual(rows);
  });

  it('says how many steps the published settings take, and times a few', { timeout: 120_000 }, async () => {
    const folder = freshFolder();
    const file = join(folder, 'gaps.yaml');
    writeFileSync(file, gaps);
    const args = ['experiment', file, '--scale', 'paper', '--out', join(folder, 'out')];
    const [refused, planned] = await Promise.all([genonnx(args), genonnx([...args, '--dry-run', '--json'])]);
    expect(refused.exitCode).toBe(2);
    expect(String(refused.stderr)).toMatch(/expected: pictures[\s\S]*--data/);
    expect(planned.exitCode, String(planned.stderr)).toBe(0);
    const { work, seconds } = JSON.parse(String(planned.stdout));
    expect(work).toMatchObject([{ kind: 'search', runs: 1, left: 1, epochs: 3, steps: 3 * 3125 }]);
    expect(work[0].secondsOfRun).toBeGreaterThan(0);
    expect(seconds).toBeGreaterThan(0);
    expect(existsSync(join(folder, 'out'))).toBe(false);
  });

  it('draws the codes of figures 1 and 2, and lists what there is', async () => {
    const out = freshFolder();
    const [codes, list, unknown] = await Promise.all([
      genonnx(['experiment', 'figure-1-2', '--out', out, '--json']),
      genonnx(['experiment']),
      genonnx(['experiment', 'table-9']),
    ]);
    expect(codes.exitCode, String(codes.stderr)).toBe(0);
    const results = experimentResultsSchema.parse(JSON.parse(String(codes.stdout)));
    if (results.kind !== 'codes') throw new Error('It is no figure of codes.');
    expect(results.codes.map(({ code, exact, paper }) => [code, exact, paper])).toEqual([
      ['11', 0.5, '1/2'],
      ['10', 0.25, '1/4'],
      ['01', 0.25, '1/4'],
    ]);
    for (const { exact, drawn } of results.codes)
      expect(Math.abs(drawn - exact)).toBeLessThan(4 * Math.sqrt((exact * (1 - exact)) / results.draws));
    for (const name of EXPERIMENT_NAMES) expect(String(list.stdout)).toContain(name);
    expect(unknown.exitCode).toBe(2);
    expect(String(unknown.stderr)).toContain('Did you mean');
  });
});
