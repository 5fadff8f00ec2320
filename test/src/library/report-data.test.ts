// What a report is made of, from the folders of runs.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { reportData } from '../../../src/library/report-data.js';
import { printGenotype } from '../../../src/spaces/print.js';
import { zooEntry } from '../../../src/spaces/zoo.js';
import { tasks } from '../../../src/tasks/tasks.js';
import { freshFolder } from '../../e2e/command.js';
import { finishedLanguageRun } from '../../support/language-models.js';

/** The folder of a run that has no epoch yet. */
function run(config: object): string {
  const folder = join(freshFolder(), 'run');
  mkdirSync(folder);
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
  writeFileSync(join(folder, 'journal.jsonl'), '');
  return folder;
}

const genotype = printGenotype(zooEntry('DARTS_V2').genotype);
const search = run({ kind: 'search', settings: { data: 'photos' } });
const training = run({ kind: 'train', task: 'classification', settings: { data: 'photos', genotype } });
const words = run({ kind: 'search', task: 'language', settings: { data: 'sotu', scope: 'edge' } });

describe('reportData', () => {
  it('goes by the task that a folder says, and takes those that do not for classifications', async () => {
    const images = await reportData([search, training]);
    expect(images.measures).toBe(tasks.classification.measures);
    expect(images.title).toBe('Search to ONNX');
    expect(images.genotype?.text).toBe(genotype);
    expect(images.genotype?.cells.map(({ title }) => title)).toEqual(['Normal cell', 'Reduction cell']);
    expect(images.search?.cellTypes).toBe(tasks.classification.space.cellTypes);
    const text = await reportData([words]);
    expect(text.measures).toBe(tasks.language.measures);
    expect(text.search).toMatchObject({ scope: 'edge', cellTypes: tasks.language.space.cellTypes });
  });

  it('has texts that the model of a finished training writes', async () => {
    const folder = finishedLanguageRun();
    writeFileSync(
      join(folder, 'config.json'),
      JSON.stringify({ kind: 'train', task: 'language', settings: { data: 'sotu' } }),
    );
    writeFileSync(join(folder, 'journal.jsonl'), '');
    expect((await reportData([folder])).texts).toEqual([]);
    const results = {
      test: { loss: 4, perplexity: 50 },
      testExamples: 9,
      figures: { parameters: 1, macs: 1 },
    };
    writeFileSync(join(folder, 'results.json'), JSON.stringify(results));
    const { texts } = await reportData([folder]);
    expect(texts?.map(({ temperature }) => temperature)).toEqual([0.5, 0.8, 1]);
    for (const { text } of texts ?? []) expect(text.split(/\s+/).length).toBeGreaterThan(20);
    rmSync(join(folder, 'model.step.onnx'));
    expect((await reportData([folder])).texts).toEqual([]);
  });

  it('refuses runs of several tasks', async () => {
    await expect(reportData([training, words])).rejects.toMatchObject({
      code: 'usage',
      details: {
        where: words,
        expected: expect.stringContaining('classification'),
        found: 'one of language',
      },
    });
  });
});
