import { expect, it } from 'vitest';
import * as api from '../../src/index.js';

it('exports this and nothing else', () => {
  expect(Object.keys(api).sort()).toEqual([
    'EMBEDDED_DATASETS',
    'GenonnxError',
    'METHOD_TABLE',
    'ZOO',
    'bindWeights',
    'codeCount',
    'compileModel',
    'deriveGenotype',
    'ensembleGumbelSoftmax',
    'exactCodeProbability',
    'foldBatchNorm',
    'inclusionProbability',
    'inferenceGraph',
    'loadDataset',
    'matchWeights',
    'metadataOf',
    'openStream',
    'ortWebRuntimeFiles',
    'parseGenotype',
    'printGenotype',
    'toDot',
    'toJson',
    'toOnnx',
    'toOrtWeb',
    'toPyTorch',
    'toSvg',
    'toTfjs',
    'validatePair',
    'zooEntry',
  ]);
});
