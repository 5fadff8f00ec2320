// The committed studies: their summaries are those of their runs, and their pages are drawn from them.
// GENONNX_WRITE_FIGURES=1 writes both.
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { renderStudy } from '../../src/report/study.js';
import { intervalMethod } from '../../src/statistics.js';
import { type StudyResults, studyResultsSchema } from '../../src/study/results.js';
import { summariseMethods } from '../../src/study/summary.js';

const studies = ['small', 'language', 'recipes'];

function read(name: string): { text: string; write(text: string): void } {
  const url = new URL(`../../docs/studies/${name}`, import.meta.url);
  return { text: readFileSync(url, 'utf8'), write: (text) => writeFileSync(url, text) };
}

/** What the same study would write today, of the same runs. */
function summarised(results: StudyResults): StudyResults {
  const methods = summariseMethods(results.study, results.runs);
  return { ...results, statistics: { ...results.statistics, interval: intervalMethod }, methods };
}

describe.each(studies)('the study %s', (name) => {
  const [json, html] = [read(`${name}.json`), read(`${name}.html`)];
  const results = summarised(studyResultsSchema.parse(JSON.parse(json.text)));

  it('has the summaries of its runs', () => {
    const text = `${JSON.stringify(results, null, 2)}\n`;
    if (process.env.GENONNX_WRITE_FIGURES !== undefined) json.write(text);
    else expect(json.text).toBe(text);
  });

  it('has the page that is drawn of it', () => {
    const page = renderStudy(results);
    if (process.env.GENONNX_WRITE_FIGURES !== undefined) html.write(page);
    else expect(html.text).toBe(page);
  });
});
