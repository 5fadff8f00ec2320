// The networks that PyTorch's fixtures are of, and their weights. See test/fixtures/README.md.
import type { NamedWeights } from '../../src/deploy/match-weights.js';
import type { InferenceNetwork } from '../../src/networks/inference.js';
import { parseGenotype } from '../../src/spaces/parse.js';
import { readFixture, readFixtureText } from './fixtures.js';

export const fixtureSizes = [
  { name: 'darts-v2-cifar', network: 'cifar', cells: 8, classes: 10, extent: 32, auxiliary: false },
  { name: 'data-m7-cifar-auxiliary', network: 'cifar', cells: 6, classes: 10, extent: 32, auxiliary: true },
  { name: 'data-m7-imagenet', network: 'imagenet', cells: 6, classes: 20, extent: 64, auxiliary: false },
] as const;
export type FixtureSize = (typeof fixtureSizes)[number];

export function fixtureNetwork({
  name,
  network,
  cells,
  classes,
  extent,
  auxiliary,
}: FixtureSize): InferenceNetwork {
  const genotype = parseGenotype(readFixtureText(name));
  const image = { channels: 3, height: extent, width: extent };
  return { name: network, genotype, cells, initChannels: 4, classes, image, auxiliary, batch: 'batch' };
}

/** PyTorch's weights in float32, by name. */
export function fixtureWeights(name: string): NamedWeights {
  const tensors = [...readFixture(`${name}.weights`)];
  return new Map(tensors.map(([key, { shape, data }]) => [key, { shape, data: Float32Array.from(data) }]));
}
