import { describe, expect, it } from 'vitest';
import { compile } from '../../../src/deploy/compile.js';
import { matchWeights } from '../../../src/deploy/match-weights.js';
import { imageGraph } from '../../../src/networks/deployed.js';
import { freshWeights } from '../../../src/networks/initial-state.js';
import { openStream } from '../../../src/random.js';
import { zooEntry } from '../../../src/spaces/zoo.js';
import { fixtureNetwork, fixtureSizes, fixtureWeights } from '../../support/fixture-networks.js';
import { smallInference, smallNetwork } from '../../support/small-model.js';

const toolVersion = '0';

describe('compile', () => {
  it.each(fixtureSizes)('needs nothing but the genotype and the weights of $name', (fixture) => {
    const { genotype, image, ...sizes } = fixtureNetwork(fixture);
    const weights = fixtureWeights(fixture.name);
    const { network, bound, metadata, auxiliaryParameters } = compile({
      genotype,
      image,
      weights,
      toolVersion,
    });
    expect(network).toEqual({ genotype, image, ...sizes });
    expect(auxiliaryParameters > 0).toBe(fixture.auxiliary);
    expect([...bound.weights.values()].map(({ data }) => data)).toEqual(
      matchWeights(imageGraph(network).weights, weights),
    );
    expect(metadata.weights).toBeUndefined();
    expect(metadata.seed).toBeUndefined();
  });

  it('refuses weights that there is no room for, before it makes them', () => {
    const request = { genotype: smallNetwork.genotype, cells: 3, initChannels: 4, classes: 5 };
    const bytes = compile(request).parameters * 4;
    expect(() => compile({ ...request, mostWeightBytes: bytes / 2 })).toThrow(
      expect.objectContaining({ code: 'memory' }),
    );
    expect(compile({ ...request, mostWeightBytes: 2 * bytes }).parameters * 4).toBe(bytes);
  });

  it('drops an auxiliary head that is asked away', () => {
    const fixture = fixtureSizes[1];
    const { genotype } = fixtureNetwork(fixture);
    const compiled = compile({
      genotype,
      weights: fixtureWeights(fixture.name),
      auxiliary: false,
      toolVersion,
    });
    expect(compiled.bound.graph.outputs.map(({ name }) => name)).toEqual(['logits']);
    expect(compiled.auxiliaryParameters).toBe(0);
  });

  it('takes weights in the wrappers that PyTorch puts around networks', () => {
    const [fixture] = fixtureSizes;
    const wrapped = [...fixtureWeights(fixture.name)].map(
      ([name, tensor]) => [`module.${name}`, tensor] as const,
    );
    const { genotype } = fixtureNetwork(fixture);
    expect(compile({ genotype, weights: new Map(wrapped), toolVersion }).network.cells).toBe(8);
  });

  it('says of random weights that they are, and from which seed', () => {
    const compiled = compile({ ...smallNetwork, seed: 5, toolVersion });
    expect(compiled.metadata).toMatchObject({ weights: 'random', seed: '5' });
    expect([...compiled.bound.weights.values()].map(({ data }) => data)).toEqual(
      freshWeights(smallInference.weights, openStream(5, 'weights')),
    );
    expect(compile({ ...smallNetwork, toolVersion }).metadata.seed).toBe('1');
  });

  it('wants labels and a normalisation that fit, and carries them on', () => {
    const { genotype } = zooEntry('DARTS_V2');
    const base = { genotype, cells: 2, initChannels: 4, classes: 2, toolVersion };
    const normalisation = { mean: [0, 0, 0], standardDeviation: [1, 1, 1] };
    const { metadata } = compile({
      ...base,
      labels: ['cat', 'dog'],
      normalisation,
      metadata: { dataset: 'pets' },
    });
    expect(metadata).toMatchObject({ classes: '["cat","dog"]', dataset: 'pets' });
    expect(JSON.parse(metadata.normalisation ?? '')).toEqual(normalisation);
    expect(() => compile({ ...base, labels: ['cat'] })).toThrow('2 labels');
    expect(() => compile({ ...base, normalisation: { ...normalisation, mean: [0] } })).toThrow(
      '3 numbers each',
    );
  });
});
