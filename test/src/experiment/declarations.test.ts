// The declarations of the paper's tables and figures: each is whole, names what there is, and gives a study at both scales.
import { describe, expect, it } from 'vitest';
import { taskSettings } from '../../../src/cli/run-settings.js';
import { type ColumnName, columns } from '../../../src/experiment/columns.js';
import type { TableDeclaration } from '../../../src/experiment/declaration.js';
import { networkRows } from '../../../src/experiment/make-results.js';
import { EXPERIMENT_NAMES, type ExperimentName, SCALES } from '../../../src/experiment/names.js';
import {
  isSearched,
  searchedTaskOf,
  searchSettingsOf,
  trainingSettingsOf,
} from '../../../src/experiment/run-settings.js';
import { studyOf } from '../../../src/experiment/study-of.js';
import { readDeclaration } from '../../../src/library/experiment.js';
import type { TaskName } from '../../../src/tasks/tasks.js';

const tableNames = EXPERIMENT_NAMES.filter((name) => name !== 'figure-1-2');
const optionsOf = (task: TaskName) => taskSettings[task];

async function table(name: ExperimentName): Promise<TableDeclaration> {
  const { declaration } = await readDeclaration(name);
  if (declaration.kind !== 'table') throw new Error(`${name} is no table`);
  return declaration;
}

/** The columns of the paper's tables; of its figures those that stand for their curves. */
const expected: { readonly [N in Exclude<ExperimentName, 'figure-1-2'>]: readonly ColumnName[] } = {
  'table-1': ['test-error', 'parameters', 'search-cost', 'operations', 'search'],
  'table-2': ['test-error', 'top-5-error', 'parameters', 'multiply-adds', 'search-cost', 'search'],
  'table-3': ['valid-perplexity', 'test-perplexity', 'parameters', 'search-cost', 'operations', 'search'],
  'table-4': ['valid-perplexity', 'test-perplexity', 'parameters', 'search-cost', 'search'],
  'table-5': ['samples', 'test-error', 'parameters'],
  'table-6': ['mean-iou', 'parameters', 'multiply-adds'],
  'table-7': ['test-error', 'parameters'],
  'table-8': ['search-error', 'child-error', 'gap'],
  'figure-3a': ['best-epoch', 'search-error'],
  'figure-3b': ['samples', 'test-error'],
  'figure-3c': ['variance-first', 'variance-last'],
};

describe.each(tableNames)('the declaration of %s', (name) => {
  it('has the columns of the paper, and values in no others', async () => {
    const { columns: names, published } = await table(name);
    expect(names).toEqual(expected[name]);
    for (const { values } of published)
      expect(Object.keys(values).filter((key) => !names.some((column) => column === key))).toEqual([]);
    expect(new Set(published.map((row) => row.name)).size).toBe(published.length);
  });

  it.each(SCALES)('gives a study of the scale %s, whose settings can be', async (scale) => {
    const study = studyOf(await table(name), {
      scale,
      source: name,
      optionsOf,
      given: {
        ...(scale === 'paper' ? { data: 'elsewhere', searchData: undefined } : {}),
        ...searchData(name, scale),
      },
    });
    for (const method of study.methods)
      expect(trainingSettingsOf(study.task, study, method).threads).toBe(study.threads);
    const task = searchedTaskOf(study);
    for (const method of study.methods.filter(isSearched)) {
      if (task === undefined) throw new Error('It is searched.');
      expect(searchSettingsOf(task, study, method).epochs).toBeGreaterThan(0);
    }
  });

  it('has rows of ours in the place of the paper’s where both are of the same method', async () => {
    const { published, scales } = await table(name);
    if (published.length === 0) return;
    const study = studyOf(await table(name), { scale: 'small', source: name, optionsOf, given: {} });
    const names = published.map((row) => row.name);
    const others = study.methods
      .filter((method) => !names.includes(method.name))
      .map((method) => method.name);
    // The paper's table has none, but a baseline there must be.
    expect(others).toEqual(name === 'table-4' ? ['Random search'] : []);
    expect(scales.small.minutes).toBeLessThanOrEqual(30);
  });
});

function searchData(name: ExperimentName, scale: string): { readonly searchData?: string } {
  return name === 'table-4' && scale === 'paper' ? { searchData: 'another' } : {};
}

describe('the networks of published genotypes', () => {
  it('are counted as they were on the released definitions', async () => {
    const [one, two] = [networkRows(await table('table-1')), networkRows(await table('table-2'))];
    const counts = (rows: typeof one) =>
      rows.map(({ genotype, parameters, macs }) => [genotype, parameters, macs]);
    expect(counts(one)).toEqual([
      ['DARTS_V2', 3349342, 528359040],
      ['DATA_M4', expect.any(Number), expect.any(Number)],
      ['DATA_M7', 3410038, 516663936],
    ]);
    expect(counts(two)[0]).toEqual(['DARTS_V2', 4718752, 529911552]);
    expect(counts(two)[2]).toEqual(['DATA_M7', 5035648, 539310144]);
    expect(two[2]).toMatchObject({ paperParameters: '5.0', paperMacs: 588 });
  });

  it('are those of DeepLab and of language models, too', async () => {
    const six = networkRows(await table('table-6'));
    expect(six.map(({ parameters }) => parameters)).toEqual([9_987_533, 10_742_957, 10_304_429]);
    const three = networkRows(await table('table-3'));
    expect(three.map(({ parameters }) => parameters)).toEqual([22_960_000, 22_960_000, 27_295_000]);
    const four = networkRows(await table('table-4'));
    expect(four.map(({ parameters }) => parameters)).toEqual([33_127_878, 36_067_878]);
  });
});

describe('columns', () => {
  it('have titles of their own', () => {
    const titles = Object.values(columns).map(({ title }) => title);
    expect(new Set(titles).size).toBe(titles.length);
  });
});
