import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { inferenceGraph, matchWeights } from '../../../src/deploy/model.js';
import { readTrainedModel, withoutAuxiliaryHead } from '../../../src/deploy/trained-model.js';
import { GenonnxError } from '../../../src/errors.js';
import { writeSafetensors } from '../../../src/runs/safetensors-file.js';
import { freshFolder } from '../../e2e/command.js';
import {
  folderWith,
  smallInference,
  smallModel,
  smallNetwork,
  smallWeights,
} from '../../support/small-model.js';

describe('readTrainedModel', () => {
  it('gives the network, its weights to the last bit, and what the model says of its data', async () => {
    const folder = folderWith(smallModel({ dataset: 'shirts', seed: '7' }));
    await writeSafetensors(
      join(folder, 'weights.safetensors'),
      smallInference.weights.map(({ name, shape }, i) => [
        name,
        { dtype: 'F32', shape, data: smallWeights[i] ?? new Float32Array(0) },
      ]),
    );
    const { network, weights, origin } = await readTrainedModel(folder);
    expect(network).toMatchObject(smallNetwork);
    expect(matchWeights(smallInference.weights, weights)).toEqual(smallWeights);
    expect(origin).toEqual({ dataset: 'shirts', seed: '7' });
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
