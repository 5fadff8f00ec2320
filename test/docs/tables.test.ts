// The committed tables and the studies on them have the pages that are made of them. GENONNX_WRITE_FIGURES=1 writes them.
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { sha256Hex } from '../../src/hash.js';
import { renderRank } from '../../src/report/rank.js';
import { renderTable } from '../../src/report/table.js';
import { renderTableStudy } from '../../src/report/table-study.js';
import { rankSchema } from '../../src/table/rank.js';
import { tableStudyResultsSchema } from '../../src/table/study/results.js';
import { summariseTableRuns } from '../../src/table/study/summarise.js';
import { parseTable } from '../../src/table/table-file.js';

const place = new URL('../../docs/tables/', import.meta.url);
const read = (name: string): string => readFileSync(new URL(name, place), 'utf8');

function expectPage(name: string, page: string): void {
  if (process.env.GENONNX_WRITE_FIGURES !== undefined) writeFileSync(new URL(name, place), page);
  expect(read(name)).toBe(page);
}

it.each(['one-cell', 'one-cell-others'])(
  'the table %s has its page, and is less than a megabyte',
  async (name) => {
    const text = read(`${name}.json`);
    expect(text.length).toBeLessThan(1e6);
    expectPage(`${name}.html`, await renderTable(parseTable(text, `${name}.json`)));
  },
);

it('the rank report has its page', () => {
  expectPage('rank.html', renderRank(rankSchema.parse(JSON.parse(read('rank.json'))), 'one-cell'));
});

describe.each([
  ['tuning', 'one-cell'],
  ['study', 'one-cell'],
  ['study-others', 'one-cell-others'],
])('the study %s', (name, table) => {
  const results = tableStudyResultsSchema.parse(JSON.parse(read(`${name}.json`)));

  it('is of the table that is here', () => {
    expect(results.table.sha256).toBe(sha256Hex(read(`${table}.json`)));
  });

  it('has the summaries of its runs, and its page', () => {
    expect(results.methods).toEqual(summariseTableRuns(results.study, results.runs));
    expectPage(`${name}.html`, renderTableStudy(results, 'one-cell'));
  });
});
