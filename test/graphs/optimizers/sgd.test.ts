// SGD as a graph against a loop written out by hand, over three steps, with and without clipping.
import { describe, expect, it } from 'vitest';
import { tensor } from '../../../graphs/interpret/interpret.js';
import { type SgdOptions, sgd } from '../../../graphs/optimizers/sgd.js';
import { defined, expectClose, random } from '../../support/tensors.js';
import { type OptimizerState, optimizerGraph, scaled, takeStep, takeSteps } from './optimizer-case.js';

const size = 7;
const learningRates = [0.1, 0.05, 0.2];
const zeros = tensor([size], new Float64Array(size));

/** The formulas of PyTorch's clip_grad_norm_ and SGD, element by element. */
function byHand(
  theta: Float64Array,
  velocity: Float64Array,
  gradient: Float64Array,
  learningRate: number,
  { momentum, weightDecay, clipNorm }: SgdOptions,
): number {
  let squares = 0;
  for (const element of gradient) squares += element ** 2;
  const norm = Math.sqrt(squares);
  const factor = clipNorm === undefined ? 1 : Math.min(1, clipNorm / (norm + 1e-6));
  theta.forEach((weight, i) => {
    const direction = factor * defined(gradient[i]) + weightDecay * weight;
    const moved = momentum * defined(velocity[i]) + direction;
    velocity[i] = moved;
    theta[i] = weight - learningRate * moved;
  });
  return norm;
}

describe.each<[string, SgdOptions, number]>([
  ['without clipping', { momentum: 0.9, weightDecay: 3e-4 }, 1],
  ['with gradients that are clipped', { momentum: 0.9, weightDecay: 3e-4, clipNorm: 0.5 }, 10],
  ['with gradients below the limit', { momentum: 0.9, weightDecay: 3e-4, clipNorm: 50 }, 1],
  ['with gradients of zero', { momentum: 0.9, weightDecay: 0.1, clipNorm: 1 }, 0],
])('SGD %s', (_, options, magnitude) => {
  it('moves weights and velocity as the formulas say, three steps long', () => {
    const graph = optimizerGraph(sgd(options), size);
    const [start, moving] = [random([size], 1), random([size], 2)];
    let state: OptimizerState = { parameters: start, velocity: moving };
    const theta = Float64Array.from(start.data);
    const velocity = Float64Array.from(moving.data);
    for (const [i, learningRate] of learningRates.entries()) {
      const gradient = scaled(random([size], 10 + i), magnitude);
      const norm = byHand(theta, velocity, gradient.data, learningRate, options);
      const next = takeStep(graph, state, gradient, learningRate);
      expectClose(next.state.parameters, tensor([size], theta));
      expectClose(next.state.velocity, tensor([size], velocity));
      expectClose(next.reports.gradientNorm, tensor([], [norm]));
      state = next.state;
    }
  });
});

describe('without momentum', () => {
  it('nothing is remembered, and a step is that of a velocity which is forgotten', () => {
    const options = { weightDecay: 0.1, clipNorm: 0.5 };
    const plain = sgd({ momentum: 0, ...options });
    expect(plain.slots).toEqual({});
    const gradients = [1, 2, 3].map((seed) => random([size], seed));
    const start = random([size], 9);
    const theta = Float64Array.from(start.data);
    for (const { data } of gradients)
      byHand(theta, new Float64Array(size), data, 0.1, { momentum: 0, ...options });
    expectClose(takeSteps(plain, start, gradients, 0.1).parameters, tensor([size], theta));
  });
});

describe('momentum', () => {
  it('gathers equal gradients: after three steps the velocity is 1 + 0.9 + 0.81 times as large', () => {
    const gradient = random([size], 5);
    const optimizer = sgd({ momentum: 0.9, weightDecay: 0 });
    const { parameters, velocity } = takeSteps(optimizer, zeros, [gradient, gradient, gradient], 1);
    expectClose(velocity, scaled(gradient, 2.71));
    expectClose(parameters, scaled(gradient, -(1 + 1.9 + 2.71)));
  });
});

describe('clipping', () => {
  it('leaves a gradient of the norm that is asked for, and keeps its direction', () => {
    const gradient = scaled(random([size], 6), 100);
    const optimizer = sgd({ momentum: 0, weightDecay: 0, clipNorm: 5 });
    const { parameters } = takeSteps(optimizer, zeros, [gradient], 1);
    const moved = defined(parameters).data;
    expect(Math.hypot(...moved)).toBeCloseTo(5, 5);
    expectClose(parameters, scaled(gradient, defined(moved[0]) / defined(gradient.data[0])));
  });
});
