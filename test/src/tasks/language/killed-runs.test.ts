// Searches and trainings of language models that are killed on the way: hidden states, averages, and where windows and masks
// stand go on as if nothing had happened.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadCorpus } from '../../../../datasets/index.js';
import type { Engine } from '../../../../src/engines/engine.js';
import { createNodeOrtEngine } from '../../../../src/engines/ort/node.js';
import type { SearchEpoch } from '../../../../src/search/search.js';
import { searchInStore } from '../../../../src/search/search-run.js';
import { recurrentSpace } from '../../../../src/spaces/recurrent.js';
import { resolveLanguageSearch } from '../../../../src/tasks/language/resolve-search.js';
import { resolveLanguageTraining } from '../../../../src/tasks/language/resolve-training.js';
import { languageSearch } from '../../../../src/tasks/language/search.js';
import { languageTraining } from '../../../../src/tasks/language/training.js';
import type { TrainEpoch } from '../../../../src/train/train.js';
import { trainInStore } from '../../../../src/train/train-run.js';
import { wholeAndKilled } from '../../../support/killed-runs.js';
import { writeTinyText } from '../../../support/tiny-text.js';

const scratch = mkdtempSync(join(tmpdir(), 'genonnx-language-'));
const engine: Engine = createNodeOrtEngine({ layout: { kind: 'portable' }, threads: 1, worker: false });
afterAll(async () => {
  await engine.dispose();
  rmSync(scratch, { recursive: true });
});

const corpus = await loadCorpus(writeTinyText(join(scratch, 'text')), {});
// A checkpoint after every step.
const few = {
  data: './text',
  width: 6,
  batch: 3,
  bptt: 8,
  validationBatch: 2,
  epochs: 2,
  layout: 'portable',
  checkpointSeconds: 0,
  seed: 4,
} as const;
const space = recurrentSpace('two nodes', { nodes: 2, primitives: ['none', 'tanh', 'relu', 'identity'] });

describe('a search', () => {
  it.each([
    ['egs', {}],
    ['darts-2nd', {}],
    ['egs', { mode: 'joint' }],
  ] as const)('by %s %o ends with the same bytes when it is killed', async (method, given) => {
    const recipe = resolveLanguageSearch({
      preset: 'small',
      given: { ...few, method, ...given },
      threads: 1,
    });
    const problem = languageSearch(recipe, corpus, space);
    const { whole, cut } = await wholeAndKilled<SearchEpoch>([4, 15, 9], (store, hooks) =>
      searchInStore(store, { recipe, problem, engine }, hooks),
    );
    expect(cut).toEqual(whole);
    const carried = ['hidden', 'hidden.evaluation', ...(recipe.mode === 'joint' ? [] : ['hidden.alphas'])];
    for (const vector of [...carried, 'statistics', 'alphas.firstMoment'])
      expect(whole.arrays).toContain(`"${vector}"`);
    expect(whole['journal.jsonl']!.trim().split('\n')).toHaveLength(few.epochs);
  });
});

describe('a training', () => {
  it('through the switch to averaged SGD ends with the same bytes when it is killed', async () => {
    const genotype = "Genotype(recurrent=[('tanh', 0), ('relu', 1)], concat=range(1, 3))";
    const recipe = resolveLanguageTraining({
      preset: 'small',
      given: {
        ...few,
        genotype,
        epochs: 7,
        activity: 0.01,
        weights: { learningRate: 25, finalLearningRate: 25, patience: 1 },
      },
      threads: 1,
    });
    const problem = languageTraining(recipe, corpus, '0');
    const { whole, cut } = await wholeAndKilled<TrainEpoch>([7, 50, 31, 12], (store, hooks) =>
      trainInStore(store, { recipe, problem, engine }, hooks),
    );
    expect(cut).toEqual(whole);
    for (const vector of ['hidden', 'hidden.evaluation', 'average', 'eta', 'steps'])
      expect(whole.arrays).toContain(`"${vector}"`);
    // Some epochs by each, and kills before and after.
    const by = whole['journal.jsonl']!.match(/"optimizer":"\w+"/g) ?? [];
    expect(new Set(by.slice(0, 2))).toEqual(new Set(['"optimizer":"sgd"']));
    expect(by.at(-1)).toBe('"optimizer":"asgd"');
    const { figures } = JSON.parse(whole['results.json']!);
    expect(figures.unigramPerplexity).toBeGreaterThan(figures.bigramPerplexity);
    expect(Object.keys(whole)).toEqual(expect.arrayContaining(['model.step.onnx', 'vocabulary.txt']));
  });
});
