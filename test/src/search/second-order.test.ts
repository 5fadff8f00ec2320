// DARTS's second-order gradient against the total derivative itself: the validation loss after one step of the weights,
// as a function of the code, differentiated by central differences of the float64 interpreter.

import { describe, expect, it } from 'vitest';
import { interpret, type Tensor, tensor } from '../../../graphs/interpret/interpret.js';
import { optimizers } from '../../../graphs/optimizers/index.js';
import { operationMask } from '../../../src/estimators/groups.js';
import { initialState } from '../../../src/networks/initial-state.js';
import { gradients } from '../../../src/networks/search-programs.js';
import { stateLayout, stateWith } from '../../../src/networks/step.js';
import { openStream } from '../../../src/random.js';
import { prepareSearch } from '../../../src/search/programs.js';
import { prepareSecondOrder } from '../../../src/search/second-order.js';
import { convolutionalSpace } from '../../../src/spaces/convolutional.js';
import { cifarSearch } from '../../../src/tasks/classification/search-settings.js';
import { imageSupernet } from '../../../src/tasks/classification/supernet.js';
import { interpreterEngine } from '../../support/interpreter-engine.js';
import { defined } from '../../support/tensors.js';
import { refusal } from '../runs/helpers.js';

const space = convolutionalSpace('small', {
  nodes: 1,
  primitives: ['none', 'skip_connect', 'avg_pool_3x3', 'dil_conv_3x3'],
});
const network = {
  space,
  cells: 1,
  initChannels: 2,
  classes: 3,
  batch: 3,
  image: { channels: 1, height: 8, width: 8 },
};
const step = { learningRate: 0.4, momentum: 0.9, weightDecay: 0.01 };
const stream = openStream(4, 'second-order');
const open = operationMask(space);
const entries = open.length;

function batch(code: Float32Array) {
  const pixels = Float32Array.from({ length: 3 * 64 }, () => stream.normal());
  return {
    images: { shape: [3, 1, 8, 8], data: pixels },
    labels: { shape: [3], data: BigInt64Array.from([0n, 2n, 1n]) },
    weights: { shape: [3], data: new Float32Array(3).fill(1 / 3) },
    code: { shape: [entries], data: code },
    forwardGates: { shape: [entries], data: open.slice() },
    backwardGates: { shape: [entries], data: open.slice() },
  };
}

const traced = gradients(imageSupernet(network));
const parameters = initialState(traced.state, openStream(2, 'weights')).parameters.data;
const velocity = parameters.map(() => 0.01 * stream.normal());
const code = Float32Array.from({ length: entries }, () => 0.2 + 0.1 * stream.uniform());
const [train, validation] = [batch(code), batch(code)];

/** The results of the program in float64, at given weights and code. */
function at(feeds: typeof train, theta: Float64Array, codes: Float64Array): Record<string, Tensor> {
  const bound = new Map(
    traced.program.graph.inputs.map((value) => {
      const { path } = value;
      if (path === 'parameters') return [value, tensor([theta.length], theta)] as const;
      if (path === 'code') return [value, tensor([codes.length], codes)] as const;
      if (path === 'statistics')
        return [value, tensor(value.shape.map(Number), new Float64Array(Number(value.shape[0])))];
      const fed = defined(Object.entries(feeds).find(([name]) => name === path))[1];
      return [value, tensor(fed.shape, Array.from(fed.data, Number))] as const;
    }),
  );
  return interpret(traced.program.graph, bound);
}

/** L_val after one step of the weights on L_train, both under the code. */
function unrolledLoss(codes: Float64Array): number {
  const theta = Float64Array.from(parameters);
  const gradient = defined(at(train, theta, codes).gradient).data;
  const next = theta.map(
    (w, i) => w - step.learningRate * (step.momentum * velocity[i]! + gradient[i]! + step.weightDecay * w),
  );
  return defined(at(validation, next, codes).loss).data[0]!;
}

describe('the second-order gradient', () => {
  it('is the derivative of the loss after a step, which the first order is not', async () => {
    const engine = interpreterEngine();
    const searched = stateWith(optimizers.sgd(step), traced.state);
    const state = await engine.createState(stateLayout(searched));
    await state.write('parameters', parameters);
    await state.write('velocity', velocity);
    const second = await prepareSecondOrder(engine, imageSupernet(network), state, step);
    const { codeGradient, fetches } = await second.gradient({ train, validation }, step.learningRate);
    const first = defined(fetches['gradient.code']).data;
    expect(defined(fetches.loss).data[0]).toBeCloseTo(unrolledLoss(Float64Array.from(code)), 5);

    const h = 1e-5;
    const exact = code.map((_, entry) => {
      const moved = (sign: number) =>
        unrolledLoss(Float64Array.from(code, (c, i) => (i === entry ? c + sign * h : c)));
      return open[entry] === 0 ? 0 : (moved(1) - moved(-1)) / (2 * h);
    });
    const departure = (gradient: ArrayLike<number | bigint>) =>
      Math.hypot(...exact.map((value, i) => value - Number(gradient[i]))) / Math.hypot(...exact);
    // What is left is the coarse central difference of the Hessian-vector product, over kinks of ReLUs: with a tenth of
    // its distance it is a third.
    expect(departure(codeGradient)).toBeLessThan(0.1);
    expect(departure(first)).toBeGreaterThan(0.4);
    // The search's own weights stay where they are.
    expect(await state.read('parameters')).toEqual(parameters);
  });
});

describe('a search of second order', () => {
  const recipe = { ...cifarSearch, method: 'darts-2nd' as const, seed: 1, threads: 1 };

  it('unrolls SGD without momentum, and clips where it is asked to', async () => {
    const engine = interpreterEngine();
    const sgd = optimizers.sgd({ momentum: 0, weightDecay: 0, clipNorm: 1e-9 });
    const gradientOf = async (clipsUnrolled: boolean) => {
      const own = { ...recipe, clipsUnrolled };
      const { secondOrder } = await prepareSearch(engine, imageSupernet(network), own, sgd, {
        ...initialState(traced.state, openStream(2, 'weights')),
      });
      const { codeGradient } = await defined(secondOrder).gradient({ train, validation }, step.learningRate);
      return codeGradient;
    };
    // A clipped step is too short to matter: what is left is the first order at the weights themselves.
    const first = at(validation, Float64Array.from(parameters), Float64Array.from(code));
    const departure = (gradient: Float32Array) =>
      Math.hypot(...gradient.map((value, i) => value - defined(first['gradient.code']).data[i]!));
    expect(departure(await gradientOf(true))).toBeLessThan(1e-6);
    expect(departure(await gradientOf(false))).toBeGreaterThan(1e-2);
  });

  it('is refused for an optimizer that is not SGD', async () => {
    const adam = optimizers.adam({ beta1: 0.9, beta2: 0.999, weightDecay: 0 });
    const { details } = await refusal('usage', () =>
      prepareSearch(interpreterEngine(), imageSupernet(network), recipe, adam, undefined),
    );
    expect(details).toMatchObject({ expected: 'sgd', found: 'adam' });
  });
});
