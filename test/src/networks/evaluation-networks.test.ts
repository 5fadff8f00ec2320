import { describe, expect, it } from 'vitest';
import { interpret, tensor } from '../../../graphs/interpret/interpret.js';
import { inferenceGraph, matchWeights } from '../../../src/deploy/model.js';
import { parseGenotype } from '../../../src/genotype/parse.js';
import { readFixture, readFixtureText, tensorOf } from '../../support/fixtures.js';

const cases = [
  { name: 'darts-v2-cifar', network: 'cifar', cells: 8, classes: 10, extent: 32, auxiliary: false, batch: 3 },
  {
    name: 'data-m7-cifar-auxiliary',
    network: 'cifar',
    cells: 6,
    classes: 10,
    extent: 32,
    auxiliary: true,
    batch: 2,
  },
  {
    name: 'data-m7-imagenet',
    network: 'imagenet',
    cells: 6,
    classes: 20,
    extent: 64,
    auxiliary: false,
    batch: 1,
  },
] as const;

/** PyTorch's weights in float32, by name. */
function namedWeights(name: string) {
  const tensors = [...readFixture(`${name}.weights`)];
  return new Map(tensors.map(([key, { shape, data }]) => [key, { shape, data: Float32Array.from(data) }]));
}

describe.each(cases)(
  'the network of $name',
  ({ name, network: kind, cells, classes, extent, auxiliary, batch }) => {
    it('gives the outputs that PyTorch gives', () => {
      const genotype = parseGenotype(readFixtureText(name));
      const image = { channels: 3, height: extent, width: extent };
      const { graph, weights } = inferenceGraph({
        name: kind,
        genotype,
        cells,
        initChannels: 4,
        classes,
        image,
        auxiliary,
        batch,
      });
      const io = readFixture(`${name}.io`);
      const feeds = new Map(
        matchWeights(weights, namedWeights(name)).map((data, i) => [
          weights[i]!.value,
          tensor(weights[i]!.shape, data),
        ]),
      );
      feeds.set(graph.inputs[0]!, tensorOf(io, 'input'));
      const outputs = interpret(graph, feeds);
      for (const output of auxiliary ? ['logits', 'auxiliaryLogits'] : ['logits']) {
        tensorOf(io, output).data.forEach((expected, i) => {
          const actual = outputs[output]?.data[i] ?? Number.NaN;
          expect(Math.abs(actual - expected)).toBeLessThanOrEqual(1e-5 + 1e-4 * Math.abs(expected));
        });
      }
    });
  },
);
