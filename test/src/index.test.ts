import { expect, it } from 'vitest';
import * as api from '../../src/index.js';

it('exports this and nothing else', () => {
  expect(Object.keys(api).sort()).toEqual([
    'EMBEDDED_DATASETS',
    'GenonnxError',
    'ZOO',
    'codeCount',
    'bindWeights',
    'compileModel',
    'deriveGenotype',
    'ensembleGumbelSoftmax',
    'exactCodeProbability',
    'inclusionProbability',
    'inferenceGraph',
    'loadDataset',
    'matchWeights',
    'metadataOf',
    'openStream',
    'parseGenotype',
    'printGenotype',
    'toJson',
    'zooEntry',
  ]);
});
