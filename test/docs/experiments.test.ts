// The committed results of experiments: their tables and pages are made of their data. GENONNX_WRITE_FIGURES=1 writes both.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { experimentMarkdown } from '../../src/experiment/markdown.js';
import { experimentResultsSchema } from '../../src/experiment/results.js';
import { renderExperiment } from '../../src/report/experiment.js';
import { repository } from '../support/package.js';

const folder = join(repository, 'docs', 'experiments', 'results');
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.json'))
  .map((file) => file.replace('.json', ''));

describe.each(names)('the results of %s', (name) => {
  const results = experimentResultsSchema.parse(
    JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')),
  );

  it.each([
    ['table', 'md', experimentMarkdown],
    ['page', 'html', renderExperiment],
  ] as const)('have the %s that is made of them', (_, extension, make) => {
    const file = join(folder, `${name}.${extension}`);
    if (process.env.GENONNX_WRITE_FIGURES !== undefined) writeFileSync(file, make(results));
    expect(existsSync(file)).toBe(true);
    expect(readFileSync(file, 'utf8')).toBe(make(results));
  });
});
