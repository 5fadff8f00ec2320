import { describe, expect, it } from 'vitest';
import { interpret, tensor } from '../../../graphs/interpret/interpret.js';
import { matchWeights } from '../../../src/deploy/match-weights.js';
import { inferenceGraph } from '../../../src/networks/inference.js';
import { fixtureNetwork, fixtureSizes, fixtureWeights } from '../../support/fixture-networks.js';
import { readFixture, tensorOf } from '../../support/fixtures.js';

describe.each(fixtureSizes)('the network of $name', (fixture) => {
  it('gives the outputs that PyTorch gives', () => {
    const { graph, weights } = inferenceGraph(fixtureNetwork(fixture));
    const io = readFixture(`${fixture.name}.io`);
    const feeds = new Map(
      matchWeights(weights, fixtureWeights(fixture.name)).map((data, i) => [
        weights[i]!.value,
        tensor(weights[i]!.shape, data),
      ]),
    );
    feeds.set(graph.inputs[0]!, tensorOf(io, 'input'));
    const outputs = interpret(graph, feeds);
    for (const output of fixture.auxiliary ? ['logits', 'auxiliaryLogits'] : ['logits']) {
      tensorOf(io, output).data.forEach((expected, i) => {
        const actual = outputs[output]?.data[i] ?? Number.NaN;
        expect(Math.abs(actual - expected)).toBeLessThanOrEqual(1e-5 + 1e-4 * Math.abs(expected));
      });
    }
  });
});
