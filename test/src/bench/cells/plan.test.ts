import { describe, expect, it } from 'vitest';
import { modelsOfPlan, planCells } from '../../../../src/bench/cells/plan.js';
import { inferenceGraph } from '../../../../src/networks/inference.js';
import { printGenotype } from '../../../../src/spaces/print.js';

const options = {
  network: {
    name: 'cifar',
    cells: 3,
    initChannels: 4,
    classes: 5,
    image: { channels: 3, height: 8, width: 8 },
  },
  primitives: ['sep_conv_3x3', 'max_pool_3x3'],
  batch: 2,
  foldBatchNorm: true,
  genotypes: 4,
  seed: 7,
} as const;
const plan = planCells(options);
const networks = modelsOfPlan(plan).filter(({ name }) => name.startsWith('network'));
const parts = modelsOfPlan(plan).filter(({ name }) => !name.startsWith('network'));

describe('a plan', () => {
  it('is the same in another process, and has other genotypes with another seed', () => {
    const genotypes = (seed: number) =>
      planCells({ ...options, seed }).genotypes.map((g) => printGenotype(g));
    expect(genotypes(7)).toEqual(plan.genotypes.map((genotype) => printGenotype(genotype)));
    expect(new Set([...genotypes(7), ...genotypes(8)]).size).toBe(8);
  });

  it('draws from the primitives', () => {
    const drawn = plan.genotypes.flatMap(({ normal, reduce }) => [...normal.nodes, ...reduce.nodes].flat());
    expect(new Set(drawn.map(({ primitive }) => primitive))).toEqual(new Set(options.primitives));
  });

  it('reads as much before each run of a part as a network has weights, and nothing before a network', () => {
    const { network, batch } = options;
    const { parameters, weights } = inferenceGraph({
      ...network,
      genotype: plan.genotypes[0]!,
      auxiliary: false,
      batch,
    });
    const statistics = weights.filter(({ trainable }) => !trainable).reduce((sum, { size }) => sum + size, 0);
    expect(parts.length).toBeGreaterThan(20);
    expect(new Set(parts.map(({ readBytes }) => readBytes))).toEqual(
      new Set([4 * (parameters + statistics)]),
    );
    expect(networks.map(({ readBytes }) => readBytes)).toEqual([0, 0, 0, 0]);
  });

  it('has models of its batch, of different sizes with different genotypes', () => {
    const compiled = networks.map(({ compile }) => compile());
    for (const { inputs } of compiled) expect([...inputs]).toEqual([['images', [2, 3, 8, 8]]]);
    expect(new Set(compiled.map(({ bytes }) => bytes.length)).size).toBeGreaterThan(1);
  });
});
