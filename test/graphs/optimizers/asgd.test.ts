// Averaged SGD as a graph: against its formulas on the host, against what PyTorch's torch.optim.ASGD makes of a language model
// (`test/fixtures/recurrent`), and in float32 on ONNX Runtime, where the average begins anew in the second step.
import { describe, expect, it } from 'vitest';
import { tensor } from '../../../graphs/interpret/interpret.js';
import { type AsgdOptions, asgd } from '../../../graphs/optimizers/asgd.js';
import { readFixture, tensorOf } from '../../support/fixtures.js';
import { runOnnx } from '../../support/run-onnx.js';
import { defined, expectClose, random } from '../../support/tensors.js';
import { freshState, optimizerGraph, scaled, stateIn, takeStep } from './optimizer-case.js';

const size = 6;
const rates = [0.3, 0.1, 0.2, 0.05, 0.4];

/** torch.optim.ASGD and clip_grad_norm_, element by element. */
function torchAsgd({ weightDecay, clipNorm }: AsgdOptions, start: ArrayLike<number>) {
  let [eta, mu, steps] = [Number.NaN, 1, 0];
  let weights = Float64Array.from(start);
  let average = new Float64Array(start.length);
  return (gradient: Float64Array, rate: number) => {
    if (steps === 0) eta = rate;
    steps += 1;
    const norm = Math.hypot(...gradient);
    const factor = clipNorm === undefined ? 1 : Math.min(1, clipNorm / (norm + 1e-6));
    weights = weights.map((w, i) => w - eta * (factor * gradient[i]! + weightDecay * w));
    average = mu === 1 ? weights : average.map((a, i) => a + mu * (weights[i]! - a));
    eta = rate;
    mu = 1 / Math.max(1, steps);
    return { weights, average, eta, steps, norm };
  };
}

describe.each<[string, AsgdOptions, number]>([
  ['without decay', { weightDecay: 0 }, 1],
  ['with decay', { weightDecay: 0.1 }, 1],
  ['with gradients that are clipped, before the decay', { weightDecay: 0.5, clipNorm: 0.25 }, 10],
  ['with gradients below the limit', { weightDecay: 0.1, clipNorm: 50 }, 1],
])('averaged SGD %s', (_, options, magnitude) => {
  it("moves weights and average as PyTorch's does, a rate acting one step late", () => {
    const graph = optimizerGraph(asgd(options), size);
    let state = freshState(asgd(options), random([size], 1));
    const torch = torchAsgd(options, defined(state.parameters).data);
    for (const [i, rate] of rates.entries()) {
      const gradient = scaled(random([size], 10 + i), magnitude);
      const expected = torch(gradient.data, rate);
      const next = takeStep(graph, state, gradient, rate);
      expectClose(next.state.parameters, tensor([size], expected.weights));
      expectClose(next.state.average, tensor([size], expected.average));
      expectClose(next.state.eta, tensor([1], [rate]));
      expectClose(next.state.steps, tensor([1], [i + 1]));
      expectClose(next.reports.gradientNorm, tensor([], [expected.norm]));
      state = next.state;
    }
  });
});

describe('the average', () => {
  it('is the mean of what steps 2 to n left', () => {
    const options = { weightDecay: 0.1 };
    const graph = optimizerGraph(asgd(options), size);
    let state = freshState(asgd(options), random([size], 1));
    const path: Float64Array[] = [];
    for (const [i, rate] of rates.entries()) {
      state = takeStep(graph, state, random([size], 10 + i), rate).state;
      path.push(defined(state.parameters).data);
    }
    const counted = path.slice(1);
    const mean = Float64Array.from({ length: size }, (_, i) =>
      counted.reduce((sum, weights) => sum + weights[i]! / counted.length, 0),
    );
    expectClose(state.average, tensor([size], mean));
  });

  it('is the weights themselves after each of the first two steps, in float32', async () => {
    const many = 64;
    const graph = optimizerGraph(asgd({ weightDecay: 0 }), many);
    let state = freshState(asgd({ weightDecay: 0 }), scaled(random([many], 1), 0.1));
    for (const [i, rate] of [0.9, 0.7, 0.1].entries()) {
      const gradient = scaled(random([many], i), i === 0 ? 0.01 : 1);
      const results = await runOnnx(graph, { ...state, gradient, learningRate: tensor([1], [rate]) });
      state = stateIn(results, state);
      if (i < 2) expect(state.average).toEqual(state.parameters);
      else expect(state.average).not.toEqual(state.parameters);
      expect(state.eta).toEqual(tensor([1], [Math.fround(rate)]));
      expect(state.steps).toEqual(tensor([1], [i + 1]));
    }
  });

  it('counts to 2^24 and goes on from there', async () => {
    const graph = optimizerGraph(asgd({ weightDecay: 0 }), 1);
    const zero = tensor([1], [0]);
    const counted = async (steps: number) => {
      const state = { parameters: tensor([1], [1]), average: zero, eta: zero, steps: tensor([1], [steps]) };
      const results = await runOnnx(graph, { ...state, gradient: zero, learningRate: zero });
      return stateIn(results, state);
    };
    expect(await counted(2 ** 24 - 1)).toMatchObject({ steps: tensor([1], [2 ** 24]) });
    const last = await counted(2 ** 24);
    expect(last).toMatchObject({ steps: tensor([1], [2 ** 24]), average: tensor([1], [2 ** -24]) });
  });
});

describe("PyTorch's steps of a language model", () => {
  const io = readFixture('recurrent/rnn-train-darts-v2.io.f64');
  const before = readFixture('recurrent/rnn-train-darts-v2.weights');
  const names = [...io.keys()].flatMap((key) =>
    key.startsWith('sgd.0.gradient.') ? [key.slice('sgd.0.gradient.'.length)] : [],
  );
  const flat = (fixture: typeof io, prefix: string): Float64Array =>
    Float64Array.from(names.flatMap((name) => [...tensorOf(fixture, prefix + name).data]));
  const number = (name: string): number => tensorOf(io, name).data[0]!;
  const options = { weightDecay: number('settings.weightDecay'), clipNorm: number('settings.clip') };
  const start = flat(before, '');
  const close = { absolute: 1e-13, relative: 0 };

  it('have these rates, shares and averages', () => {
    const { clipNorm: _, ...unclipped } = options;
    const graph = optimizerGraph(asgd(unclipped), start.length);
    let state = freshState(asgd(unclipped), tensor([start.length], start));
    let eta = number('step.0.lr');
    for (const n of [0, 1, 2, 3]) {
      // The gradient that leads where PyTorch's did.
      const after = flat(io, `asgd.${n}.weights.`);
      const gradient = defined(state.parameters).data.map(
        (w, i) => (w - after[i]!) / eta - options.weightDecay * w,
      );
      state = takeStep(graph, state, tensor([start.length], gradient), number(`step.${n}.lr`)).state;
      eta = number(`asgd.${n}.eta`);
      const average = flat(io, `asgd.${n}.average.`);
      expectClose(state.parameters, tensor([start.length], after), close, `weights ${n}`);
      expectClose(state.average, tensor([start.length], average), close, `average ${n}`);
      expect(state.eta?.data[0]).toBe(eta);
      expect(1 / Math.max(1, state.steps!.data[0]!)).toBe(number(`asgd.${n}.mu`));
    }
  });

  it('clip the gradient of all parameters together', () => {
    const { state, reports } = takeStep(
      optimizerGraph(asgd(options), start.length),
      freshState(asgd(options), tensor([start.length], start)),
      tensor([start.length], flat(io, 'sgd.0.gradient.')),
      number('step.0.lr'),
    );
    expectClose(reports.gradientNorm, tensor([], [number('asgd.0.gradientNorm')]));
    expectClose(state.parameters, tensor([start.length], flat(io, 'asgd.0.weights.')), close);
  });
});
