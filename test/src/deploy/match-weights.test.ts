import { describe, expect, it } from 'vitest';
import { matchWeights } from '../../../src/deploy/match-weights.js';
import { GenonnxError } from '../../../src/errors.js';
import { type InferenceNetwork, inferenceGraph } from '../../../src/networks/inference.js';
import { zooEntry } from '../../../src/spaces/zoo.js';
import { fixtureNetwork, fixtureSizes, fixtureWeights } from '../../support/fixture-networks.js';
import { defined } from '../../support/tensors.js';

describe('weights that do not fit', () => {
  const [fixture] = fixtureSizes;
  const weights = fixtureWeights(fixture.name);
  const refusal = (network: Partial<InferenceNetwork>): GenonnxError => {
    try {
      matchWeights(inferenceGraph({ ...fixtureNetwork(fixture), ...network }).weights, weights);
    } catch (error) {
      if (error instanceof GenonnxError) return error;
      throw error;
    }
    throw new Error('accepted');
  };

  it('are refused with the first three differences and the likely cause', () => {
    const wider = refusal({ initChannels: 8 });
    expect(wider.code).toBe('weights-mismatch');
    expect(wider.details.found?.split(';').length).toBe(3);
    expect(wider.details.cure).toContain('`initChannels`');
    expect(refusal({ auxiliary: true }).details.cure).toContain('`auxiliary`');
    expect(refusal({ genotype: zooEntry('DATA_M7').genotype }).details.cure).toContain('`genotype`');
  });
});

describe('weights that fit', () => {
  const [fixture] = fixtureSizes;
  const weights = fixtureWeights(fixture.name);
  const { weights: slots } = inferenceGraph(fixtureNetwork(fixture));

  it('may have the names of a model’s initializers', () => {
    const byPath = new Map(slots.map(({ name, path }) => [path, defined(weights.get(name))]));
    expect(matchWeights(slots, byPath)).toEqual(matchWeights(slots, weights));
  });

  it('may carry `module.` and counters of batches', () => {
    const wrapped = new Map([...weights].map(([name, tensor]) => [`module.${name}`, tensor]));
    wrapped.set('module.stem.1.num_batches_tracked', { shape: [], data: Float32Array.of(7) });
    expect(matchWeights(slots, wrapped)).toEqual(matchWeights(slots, weights));
  });
});
