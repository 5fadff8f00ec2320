import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fixedMs, tableOf } from '../src/tasks/classification/latency-table-case.js';
import { freshFolder, genonnx } from './command.js';

const network = {
  name: 'cifar',
  cells: 3,
  initChannels: 4,
  classes: 10,
  image: { channels: 1, height: 28, width: 28 },
} as const;
const folder = freshFolder();
const file = (name: string, table: object): string => {
  const path = join(folder, name);
  writeFileSync(path, JSON.stringify(table));
  return path;
};
const table = tableOf(network);
const own = file('latency-table.json', table);
const tiny =
  'search --data fashion-mnist --preset small --epochs 1 --limit 64 --batch 16 --channels 2 --cells 1 --threads 1'.split(
    ' ',
  );
const budget = ['--budget', '9.5', '--budget-unit', 'latency'];

describe('search --latency-table', () => {
  it('keeps the table’s costs in the run, and goes on with no other table', {
    timeout: 120_000,
  }, async () => {
    const out = join(freshFolder(), 'run');
    const ended = await genonnx([...tiny, ...budget, '--latency-table', own, '--out', out]);
    expect(ended.exitCode, String(ended.stderr)).toBe(0);
    expect(ended.stderr).toContain('warning: the latencies are those of A processor');
    const [line] = readFileSync(join(out, 'journal.jsonl'), 'utf8').trim().split('\n');
    expect(JSON.parse(line ?? '').expectedCost).toBeGreaterThan(9.5);
    const { settings } = JSON.parse(readFileSync(join(out, 'config.json'), 'utf8'));
    expect(settings.penalties.budget).toBe(1);
    expect(settings.budget).toMatchObject({ unit: 'latency', most: 9.5, cells: 3, channels: 4 });
    expect(settings.budget.latency).toMatchObject({ network, fixed: fixedMs(3) });

    const resume = (...args: string[]) => genonnx(['search', '--resume', out, ...args]);
    const other = await resume('--latency-table', file('other.json', { ...table, threads: 2 }));
    expect(other.exitCode).toBe(2);
    expect(other.stderr).toContain('made with another configuration');
    expect(other.stderr).toContain(`budget.latency.sha256 = "${settings.budget.latency.sha256}"`);
    const same = await resume('--latency-table', own);
    expect(same.exitCode, String(same.stderr)).toBe(0);
    const bare = await resume();
    expect(bare.stdout).toBe(ended.stdout);
  });

  it.each([
    ['the unit without a table', budget, ['--latency-table FILE']],
    ['a table without the unit', ['--budget', '9', '--latency-table', own], ['--budget-unit latency']],
    ['a table without a budget', [...budget.slice(2), '--latency-table', own], ['--budget N']],
    [
      'a child of other sizes',
      [...budget, '--budget-cells', '4', '--latency-table', own],
      ['cells = 4', 'cells = 3', 'genonnx bench cells --network cifar --cells 4'],
    ],
    [
      'images of another extent',
      [...budget, '--pad-to', '32', '--latency-table', own],
      ['image.height = 32'],
    ],
    [
      'a table that lacks an operation',
      [
        ...budget,
        '--latency-table',
        file('few.json', {
          ...table,
          primitives: table.primitives.filter((name) => name !== 'dil_conv_5x5'),
          entries: table.entries.filter(({ operation }) => operation !== 'dil_conv_5x5'),
        }),
      ],
      ['dil_conv_5x5'],
    ],
    ['what is no table', [...budget, '--latency-table', file('no.json', {})], ['no.json', 'damaged']],
    ['no file', [...budget, '--latency-table', join(folder, 'absent.json')], ['absent.json']],
  ])('refuses %s, and leaves nothing behind', async (_case, args, says) => {
    const out = join(freshFolder(), 'run');
    const ended = await genonnx([...tiny, ...args, '--out', out]);
    expect(ended.exitCode, String(ended.stderr)).toBe(2);
    for (const words of says) expect(ended.stderr).toContain(words);
    expect(ended.stderr).not.toMatch(/^\s+at /m);
    expect(existsSync(out)).toBe(false);
  });
});
