import { describe, expect, it } from 'vitest';
import { matchWeights, withoutAuxiliaryHead } from '../../../src/deploy/match-weights.js';
import { readTrainedModel, withoutAccuracy } from '../../../src/deploy/trained-model.js';
import { GenonnxError } from '../../../src/errors.js';
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
    expect(withoutAccuracy(origin)).toEqual({ dataset: 'shirts', seed: '7' });
    const headless = inferenceGraph({ ...smallNetwork, auxiliary: false });
    expect(matchWeights(headless.weights, withoutAuxiliaryHead(weights)).length).toBe(
      headless.weights.length,
    );
  });

  it('refuses a folder without a finished training', async () => {
    const refusal = await readTrainedModel(freshFolder()).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(GenonnxError);
    expect(String(refusal)).toContain('train --resume');
  });
});
