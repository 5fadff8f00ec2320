// What every optimizer of the table keeps to.
import { describe, expect, it } from 'vitest';
import { OPTIMIZERS, optimizers } from '../../../graphs/optimizers/index.js';
import type { Optimizer } from '../../../graphs/optimizers/optimizer.js';
import { defined, expectClose, random } from '../../support/tensors.js';
import { freshState, optimizerGraph, takeStep } from './optimizer-case.js';

const size = 5;
const rows: Readonly<Record<(typeof OPTIMIZERS)[number], Optimizer>> = {
  sgd: optimizers.sgd({ momentum: 0.9, weightDecay: 3e-4, clipNorm: 5 }),
  asgd: optimizers.asgd({ weightDecay: 3e-4, clipNorm: 5 }),
  adam: optimizers.adam({ beta1: 0.9, beta2: 0.999, weightDecay: 3e-4, clipNorm: 5 }),
};

describe.each(OPTIMIZERS)('%s', (name) => {
  const optimizer = rows[name];

  it('has its name in the table', () => {
    expect(optimizer.name).toBe(name);
  });

  it('gives each of its slots back, of the same size, and never reports under the name of one', () => {
    const graph = optimizerGraph(optimizer, size);
    const state = freshState(optimizer, random([size], 1));
    const next = takeStep(graph, state, random([size], 2), 0.1);
    const shapes = (of: typeof state) =>
      Object.fromEntries(Object.entries(of).map(([slot, { shape }]) => [slot, shape]));
    expect(shapes(next.state)).toEqual(shapes(state));
    const names = graph.outputs.map((output) => output.name);
    expect(new Set(names).size).toBe(names.length);
  });

  it('goes downhill, and stays where a fresh state meets no gradient and no decay', () => {
    const graph = optimizerGraph(optimizer, size);
    const start = random([size], 1);
    const gradient = random([size], 2);
    const { parameters } = takeStep(graph, freshState(optimizer, start), gradient, 0.01).state;
    const along = start.data.reduce(
      (sum, x, i) => sum + (defined(defined(parameters).data[i]) - x) * defined(gradient.data[i]),
      0,
    );
    expect(along).toBeLessThan(0);
    const zeros = { shape: [size], data: new Float64Array(size) };
    expectClose(takeStep(graph, freshState(optimizer, zeros), zeros, 0.01).state.parameters, zeros);
  });
});
