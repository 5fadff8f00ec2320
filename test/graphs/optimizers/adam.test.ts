// Adam as a graph: against PyTorch's formulas on the host, against its closed form under a constant gradient, and in float32
// on ONNX Runtime.
import { describe, expect, it } from 'vitest';
import { tensor } from '../../../graphs/interpret/interpret.js';
import { type AdamOptions, adam } from '../../../graphs/optimizers/adam.js';
import { adamStep, initialAdamState } from '../../../src/optimizers/adam.js';
import { runOnnx } from '../../support/run-onnx.js';
import { awayFromZero, defined, expectClose, random } from '../../support/tensors.js';
import { freshState, optimizerGraph, scaled, stateIn, takeStep, takeSteps } from './optimizer-case.js';

const size = 6;
const usual: AdamOptions = { beta1: 0.9, beta2: 0.999, weightDecay: 0 };
const learningRates = [0.1, 0.05, 0.2, 0.01];

describe.each<[string, AdamOptions, number]>([
  ['with the usual betas', usual, 1],
  ['with weight decay', { ...usual, weightDecay: 0.1 }, 1],
  ['with other betas and epsilon', { beta1: 0.5, beta2: 0.9, weightDecay: 1e-3, epsilon: 1e-3 }, 1],
  ['without any memory', { beta1: 0, beta2: 0, weightDecay: 0 }, 1],
  ['with gradients that are clipped', { ...usual, weightDecay: 0.1, clipNorm: 0.5 }, 10],
  ['with gradients below the limit', { ...usual, weightDecay: 0.1, clipNorm: 50 }, 1],
  ['with gradients of zero', { ...usual, clipNorm: 1 }, 0],
])('Adam %s', (_, options, magnitude) => {
  it("moves weights and moments as the host's does, four steps long", () => {
    const { beta1, beta2, weightDecay, epsilon = 1e-8, clipNorm } = options;
    const graph = optimizerGraph(adam(options), size);
    let state = freshState(adam(options), random([size], 1));
    let host: ReturnType<typeof adamStep> = {
      parameters: Float64Array.from(defined(state.parameters).data),
      state: initialAdamState(size),
    };
    for (const [i, learningRate] of learningRates.entries()) {
      const gradient = scaled(random([size], 10 + i), magnitude);
      const norm = Math.hypot(...gradient.data);
      const factor = clipNorm === undefined ? 1 : Math.min(1, clipNorm / (norm + 1e-6));
      const hostOptions = { learningRate, betas: [beta1, beta2] as const, weightDecay, epsilon };
      host = adamStep(hostOptions, host.parameters, scaled(gradient, factor).data, host.state);
      const next = takeStep(graph, state, gradient, learningRate);
      expectClose(next.state.parameters, tensor([size], host.parameters));
      expectClose(next.state.firstMoment, tensor([size], host.state.firstMoment));
      expectClose(next.state.secondMoment, tensor([size], host.state.secondMoment));
      expectClose(next.state.firstCorrection, tensor([1], [1 - beta1 ** host.state.step]));
      expectClose(next.state.secondCorrection, tensor([1], [1 - beta2 ** host.state.step]));
      expectClose(next.reports.gradientNorm, tensor([], [norm]));
      state = next.state;
    }
  });
});

describe('under a constant gradient', () => {
  const gradient = awayFromZero([size], 3);
  const start = random([size], 4);

  it('every step moves a weight by the learning rate, whatever the size of its gradient', () => {
    const steps = 5;
    const { parameters } = takeSteps(adam(usual), start, new Array(steps).fill(gradient), 0.01);
    const moved = start.data.map((x, i) => {
      const g = defined(gradient.data[i]);
      return x - (steps * 0.01 * g) / (Math.abs(g) + 1e-8);
    });
    expectClose(parameters, tensor([size], moved));
  });

  it('float32 keeps to it from the first step on', async () => {
    const graph = optimizerGraph(adam(usual), size);
    let state = freshState(adam(usual), start);
    for (let step = 1; step <= 20; step++) {
      const results = await runOnnx(graph, { ...state, gradient, learningRate: tensor([1], [0.01]) });
      state = stateIn(results, state);
      const moved = start.data.map((x, i) => x - step * 0.01 * Math.sign(defined(gradient.data[i])));
      // Half a unit in the last place of a number of at most 1, for each step.
      const tolerance = { absolute: 6e-8 * (step + 1), relative: 0 };
      expectClose(state.parameters, tensor([size], moved), tolerance, `step ${step}`);
    }
  });
});

describe('the path', () => {
  it('is that of a thousandfold gradient', () => {
    const gradients = [1, 2, 3].map((seed) => awayFromZero([size], seed));
    const start = random([size], 9);
    const small = takeSteps(adam({ ...usual, epsilon: 0 }), start, gradients, 0.1);
    const large = takeSteps(
      adam({ ...usual, epsilon: 0 }),
      start,
      gradients.map((gradient) => scaled(gradient, 1000)),
      0.1,
    );
    expectClose(large.parameters, defined(small.parameters));
    expect(large.secondMoment).not.toEqual(small.secondMoment);
  });
});
