// A study of language models, as small as one can be.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { studyResultsSchema } from '../../src/study/results.js';
import { writeTinyText } from '../support/tiny-text.js';
import { freshFolder, genonnx } from './command.js';

it('a study of two methods on a text tells their perplexities', { timeout: 120_000 }, async () => {
  const folder = freshFolder();
  const file = join(folder, 'study.yaml');
  writeFileSync(
    file,
    `name: Tiny text
data: ${writeTinyText(join(folder, 'text'))}
preset: small
seeds: [1]
threads: 1
methods:
  - {name: DATA M=2, method: egs, samples: 2}
  - {method: random, match: parameters}
search: {epochs: 1, batch: 3, bptt: 8, width: 6}
train: {epochs: 1, batch: 3, bptt: 8, width: 6}
`,
  );
  const out = join(folder, 'out');
  const ended = await genonnx(['study', file, '--out', out]);
  expect(ended.exitCode, String(ended.stderr)).toBe(0);
  const { runs, methods } = studyResultsSchema.parse(
    JSON.parse(readFileSync(join(out, 'study.json'), 'utf8')),
  );
  expect(runs.map(({ method, status }) => [method, status])).toEqual([
    ['DATA M=2', 'finished'],
    ['random', 'finished'],
  ]);
  // Cells of the space have as many parameters, whatever is in them.
  expect(new Set(runs.map(({ parameters }) => parameters)).size).toBe(1);
  for (const { test } of methods) expect(test.perplexity?.mean).toBeGreaterThan(1);
  const page = readFileSync(join(out, 'report.html'), 'utf8');
  expect(page).toContain('Test perplexity');
});
