// SGD as a graph against a loop written out by hand, over three steps, with and without clipping.
import { describe, expect, it } from 'vitest';
import { Builder } from '../../../graphs/builder.js';
import { interpret, type Tensor, tensor } from '../../../graphs/interpret/interpret.js';
import { type SgdOptions, sgd } from '../../../graphs/optimizers/sgd.js';
import { defined, expectClose, random } from '../../support/tensors.js';

const size = 7;
const learningRates = [0.1, 0.05, 0.2];

function stepGraph(options: SgdOptions) {
  const g = new Builder();
  const vector = (name: string) => g.input(name, [size]);
  const [theta, velocity, gradient] = [vector('theta'), vector('velocity'), vector('gradient')];
  const step = sgd(g, { theta, velocity, gradient, learningRate: g.input('learningRate', [1]) }, options);
  return g.build(Object.entries(step).map(([name, value]) => ({ name, value })));
}

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
  ['without momentum and decay', { momentum: 0, weightDecay: 0 }, 1],
  ['with gradients of zero', { momentum: 0.9, weightDecay: 0.1, clipNorm: 1 }, 0],
])('SGD %s', (_, options, magnitude) => {
  it('moves weights and velocity as the formulas say, three steps long', () => {
    const graph = stepGraph(options);
    let state: { theta: Tensor; velocity: Tensor } = {
      theta: random([size], 1),
      velocity: random([size], 2),
    };
    const theta = Float64Array.from(state.theta.data);
    const velocity = Float64Array.from(state.velocity.data);
    for (const [i, learningRate] of learningRates.entries()) {
      const gradient = random([size], 10 + i).data.map((element) => element * magnitude);
      const norm = byHand(theta, velocity, gradient, learningRate, options);
      const results = interpret(graph, {
        ...state,
        gradient: tensor([size], gradient),
        learningRate: tensor([1], [learningRate]),
      });
      expectClose(results.theta, tensor([size], theta));
      expectClose(results.velocity, tensor([size], velocity));
      expectClose(results.gradientNorm, tensor([], [norm]));
      state = { theta: defined(results.theta), velocity: defined(results.velocity) };
    }
  });
});

describe('momentum', () => {
  it('gathers equal gradients: after three steps the velocity is 1 + 0.9 + 0.81 times as large', () => {
    const graph = stepGraph({ momentum: 0.9, weightDecay: 0 });
    const gradient = random([size], 5);
    let state = {
      theta: tensor([size], new Array(size).fill(0)),
      velocity: tensor([size], new Array(size).fill(0)),
    };
    for (let step = 0; step < 3; step++) {
      const results = interpret(graph, { ...state, gradient, learningRate: tensor([1], [1]) });
      state = { theta: defined(results.theta), velocity: defined(results.velocity) };
    }
    expectClose(
      state.velocity,
      tensor(
        [size],
        gradient.data.map((element) => element * 2.71),
      ),
    );
    expectClose(
      state.theta,
      tensor(
        [size],
        gradient.data.map((element) => -element * (1 + 1.9 + 2.71)),
      ),
    );
  });
});

describe('clipping', () => {
  it('leaves a gradient of the norm that is asked for, and keeps its direction', () => {
    const graph = stepGraph({ momentum: 0, weightDecay: 0, clipNorm: 5 });
    const gradient = tensor(
      [size],
      random([size], 6).data.map((element) => element * 100),
    );
    const zeros = tensor([size], new Array(size).fill(0));
    const { velocity } = interpret(graph, {
      theta: zeros,
      velocity: zeros,
      gradient,
      learningRate: tensor([1], [1]),
    });
    const clipped = defined(velocity).data;
    expect(Math.hypot(...clipped)).toBeCloseTo(5, 5);
    const ratio = defined(clipped[0]) / defined(gradient.data[0]);
    expectClose(
      defined(velocity),
      tensor(
        [size],
        gradient.data.map((element) => element * ratio),
      ),
    );
  });
});
