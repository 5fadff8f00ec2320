// Every relaxation as a user types it: it searches, derives by its own rule, and says what it has no use for.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseGenotype } from '../../src/spaces/parse.js';
import { freshFolder, genonnx } from './command.js';

const tiny = [
  ...['search', '--data', 'fashion-mnist', '--preset', 'small', '--limit', '64', '--batch', '16'],
  ...['--cells', '1', '--channels', '4', '--epochs', '1', '--threads', '1'],
];

describe('search --method', () => {
  it.each(['gdas', 'snas', 'darts', 'darts-2nd', 'proxyless'])(
    'searches with %s, and derive reads what it leaves',
    { timeout: 120_000 },
    async (method) => {
      const out = join(freshFolder(), 'run');
      const ended = await genonnx([...tiny, '--method', method, '--out', out, '--json']);
      expect(ended.exitCode, String(ended.stderr)).toBe(0);
      const { genotype } = JSON.parse(String(ended.stdout));
      const derived = await genonnx(['derive', out]);
      expect(String(derived.stdout)).toBe(genotype);
      const config = JSON.parse(readFileSync(join(out, 'config.json'), 'utf8'));
      expect(config.settings.method).toBe(method);
      const { normal } = parseGenotype(genotype);
      if (method.startsWith('darts') || method === 'gdas')
        for (const node of normal.nodes) expect(node).toHaveLength(2);
    },
  );

  it('draws a genotype for random, the same for the same seed', async () => {
    const drawn = await Promise.all(
      [1, 1, 2].map(async (seed) => {
        const out = join(freshFolder(), 'run');
        const args = [...tiny, '--method', 'random', '--seed', String(seed), '--out', out];
        const ended = await genonnx(args);
        expect(ended.exitCode, String(ended.stderr)).toBe(0);
        expect(existsSync(join(out, 'genotype.json'))).toBe(true);
        return String(ended.stdout);
      }),
    );
    expect(drawn[0]).toBe(drawn[1]);
    expect(drawn[0]).not.toBe(drawn[2]);
  });

  it('takes terms, a budget and a stopping rule', { timeout: 120_000 }, async () => {
    const out = join(freshFolder(), 'run');
    const terms = ['--entropy-weight', '0.1', '--sparsity-weight', '0.01', '--stop-on-skips'];
    const budget = [
      '--budget',
      '30000',
      '--budget-unit',
      'parameters',
      '--budget-cells',
      '4',
      '--budget-channels',
      '8',
    ];
    const ended = await genonnx([...tiny, '--method', 'darts', ...terms, ...budget, '--out', out]);
    expect(ended.exitCode, String(ended.stderr)).toBe(0);
    const [line] = readFileSync(join(out, 'journal.jsonl'), 'utf8').trim().split('\n');
    expect(JSON.parse(line ?? '').expectedCost).toBeGreaterThan(1000);
  });

  it.each([
    [
      ['--method', 'darts', '--samples', '4'],
      ['samples', 'darts'],
    ],
    [['--method', 'nas'], ['egs, gdas']],
    [['--stop-on-skips'], ['darts, darts-2nd, gdas']],
    [['--budget-weight', '2'], ['--budget N']],
  ])('refuses %j', async (args, says) => {
    const out = join(freshFolder(), 'run');
    const ended = await genonnx([...tiny, ...args, '--out', out]);
    expect(ended.exitCode).toBe(2);
    for (const words of says) expect(ended.stderr).toContain(words);
    expect(existsSync(out)).toBe(false);
  });
});

describe('search --engine', () => {
  const size = ['--channels', '2', '--batch', '8', '--limit', '32', '--cells', '1'];
  const journal = (folder: string) =>
    readFileSync(join(folder, 'journal.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));

  it('goes the same way on both engines, and from one to the other', { timeout: 120_000 }, async () => {
    const folder = freshFolder();
    const [ort, tfjs] = [join(folder, 'ort'), join(folder, 'tfjs')];
    for (const [engine, out] of [
      ['ort', ort],
      ['tfjs', tfjs],
    ] as const) {
      const ended = await genonnx([...tiny, ...size, '--engine', engine, '--out', out]);
      expect(ended.exitCode, String(ended.stderr)).toBe(0);
      expect(JSON.parse(readFileSync(join(out, 'config.json'), 'utf8')).engine).toBe(engine);
    }
    const [[a], [b]] = [journal(ort), journal(tfjs)];
    expect(b.train.loss).toBeCloseTo(a.train.loss, 4);
    expect(b.validation.loss).toBeCloseTo(a.validation.loss, 4);
    expect(b.genotype).toBe(a.genotype);

    const longer = JSON.parse(readFileSync(join(tfjs, 'config.json'), 'utf8'));
    longer.settings.epochs = 2;
    writeFileSync(join(tfjs, 'config.json'), JSON.stringify(longer));
    const resumed = await genonnx(['search', '--resume', tfjs, '--engine', 'ort']);
    expect(resumed.exitCode, String(resumed.stderr)).toBe(0);
    expect(resumed.stderr).toContain('made with tfjs');
    expect(journal(tfjs)).toHaveLength(2);
  });
});
