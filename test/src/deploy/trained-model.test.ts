import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { matchWeights, withoutAuxiliaryHead } from '../../../src/deploy/match-weights.js';
import { readTrainedModel, withoutScores } from '../../../src/deploy/trained-model.js';
import { inferenceGraph } from '../../../src/networks/inference.js';
import { freshFolder } from '../../e2e/command.js';
import { finishedRun, smallInference, smallNetwork, smallWeights } from '../../support/small-model.js';

describe('readTrainedModel', () => {
  it('gives the network, its weights to the last bit, and what the model says of its data', async () => {
    const folder = await finishedRun({ dataset: 'shirts', seed: '7', accuracy: '0.75' });
    const { network, weights, origin } = await readTrainedModel(folder);
    expect(network).toMatchObject(smallNetwork);
    expect(matchWeights(smallInference.weights, weights)).toEqual(smallWeights);
    expect(origin).toEqual({ dataset: 'shirts', seed: '7', accuracy: '0.75' });
    expect(withoutScores(origin)).toEqual({ dataset: 'shirts', seed: '7' });
    const headless = inferenceGraph({ ...smallNetwork, auxiliary: false });
    expect(matchWeights(headless.weights, withoutAuxiliaryHead(weights)).length).toBe(
      headless.weights.length,
    );
  });

  it.each([
    ['no run', undefined, 'Name the folder of a training'],
    ['a search', { kind: 'search', settings: {} }, 'Train the genotype'],
    ['a training that has not ended', { kind: 'train', settings: {} }, 'Resume the training'],
  ])('refuses a folder that holds %s', async (found, config, cure) => {
    const folder = freshFolder();
    if (config !== undefined) writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
    const refusal = readTrainedModel(folder);
    await expect(refusal).rejects.toMatchObject({ code: 'file-missing', details: { found } });
    await expect(refusal).rejects.toThrow(cure);
  });
});
