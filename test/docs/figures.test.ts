// Figures in documents are those of committed files. After measuring anew, GENONNX_WRITE_FIGURES=1 writes them.
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { figures, withFigures } from './figures.js';

const documents = [
  'benchmarks.md',
  'quantize.md',
  'experiments.md',
  'tables.md',
  'results.md',
  'performance.md',
].map((name) => new URL(`../../docs/${name}`, import.meta.url));

describe('the figures in the documents', () => {
  it.each(documents.map((url) => [url.pathname.split('/').at(-1) ?? '', url] as const))(
    'are those of their files: %s',
    (_, url) => {
      const before = readFileSync(url, 'utf8');
      const { text, names } = withFigures(before);
      if (process.env.GENONNX_WRITE_FIGURES !== undefined) writeFileSync(url, text);
      else expect(text).toBe(before);
      expect(names.length).toBeGreaterThan(0);
    },
  );

  it('are all shown', () => {
    const shown = documents.flatMap((url) => withFigures(readFileSync(url, 'utf8')).names);
    expect(shown.sort()).toEqual([...figures.keys()].sort());
  });
});
