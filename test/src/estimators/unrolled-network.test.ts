// The second-order gradient on a network: the finite difference of DARTS (Eq. 8) against the derivative of the validation
// loss after one step of SGD, as a function of the alphas, which the float64 interpreter gives as exactly as it is asked.

import { describe, expect, it } from 'vitest';
import { interpret, type Tensor, tensor } from '../../../graphs/interpret/interpret.js';
import { optimizers } from '../../../graphs/optimizers/index.js';
import { softmaxRelaxation } from '../../../src/estimators/darts.js';
import type { Sample } from '../../../src/estimators/estimator.js';
import { hessianVectorPoints, secondOrderGradient, unroll } from '../../../src/estimators/unrolled.js';
import { initialState } from '../../../src/networks/initial-state.js';
import { jointStep } from '../../../src/networks/search-programs.js';
import { openStream } from '../../../src/random.js';
import { convolutionalSpace } from '../../../src/spaces/convolutional.js';
import { entryCount } from '../../../src/spaces/search-space.js';
import { imageSupernet } from '../../../src/tasks/classification/supernet.js';
import { randomValues, slopes } from './values.js';

const SPACE = convolutionalSpace('small', { nodes: 1, primitives: ['none', 'avg_pool_3x3', 'sep_conv_3x3'] });
const SIZE = entryCount(SPACE);
const BATCH = 4;
const SGD = { learningRate: 0.2, momentum: 0.9, weightDecay: 3e-4 };
const network = {
  space: SPACE,
  cells: 1,
  initChannels: 2,
  classes: 3,
  batch: BATCH,
  image: { channels: 1, height: 8, width: 8 },
};
const { program, state } = jointStep(
  imageSupernet(network),
  optimizers.sgd({ ...SGD, clipNorm: 5 }),
  'active',
  true,
);
const fresh = initialState(state, openStream(1, 'weights'));
const WEIGHTS = Float64Array.from(fresh.parameters.data);
const VELOCITY = randomValues(2, WEIGHTS.length, 0, 0.05);
const STATISTICS = Float64Array.from(fresh.statistics.data);

type Half = 'train' | 'validation';

/** Loss and gradients of a half's batch at weights `w` and one sample. */
function judge(half: Half, w: Float64Array, { code, forwardGates, backwardGates }: Sample) {
  const entries = (values: Iterable<number>): Tensor => tensor([SIZE], Float64Array.from(values));
  const seed = half === 'train' ? 10 : 20;
  const outputs = interpret(program.graph, {
    images: tensor([BATCH, 1, 8, 8], randomValues(seed, BATCH * 64, 0, 1)),
    labels: tensor([BATCH], Float64Array.of(0, 1, 2, 1)),
    weights: tensor([BATCH], new Float64Array(BATCH).fill(1 / BATCH)),
    code: entries(code),
    forwardGates: entries(forwardGates),
    backwardGates: entries(backwardGates),
    learningRate: tensor([1], Float64Array.of(SGD.learningRate)),
    parameters: tensor([w.length], w),
    velocity: tensor([w.length], VELOCITY),
    statistics: tensor([STATISTICS.length], STATISTICS),
  });
  const read = (name: string): Float64Array => Float64Array.from(outputs[name]!.data, Number);
  return { loss: read('loss')[0]!, byWeights: read('gradient'), byCode: read('gradient.code') };
}

describe('the second-order gradient of a network', () => {
  const alphas = randomValues(5, SIZE, 0, 1);
  const estimator = softmaxRelaxation(SPACE);
  const sampleAt = (values: Float64Array): Sample => estimator.sample(values, openStream(1, 'gumbel'), 1);
  const unrolledAt = (sample: Sample): Float64Array =>
    unroll(WEIGHTS, VELOCITY, judge('train', WEIGHTS, sample).byWeights, SGD).weights;

  it('is the slope of the validation loss at the unrolled weights, but for the error of a finite difference', () => {
    const sample = sampleAt(alphas);
    const atUnrolled = judge('validation', unrolledAt(sample), sample);
    const { plus, minus, epsilon } = hessianVectorPoints(WEIGHTS, atUnrolled.byWeights);
    const gradient = sample.pullback(
      secondOrderGradient(
        atUnrolled.byCode,
        judge('train', plus, sample).byCode,
        judge('train', minus, sample).byCode,
        SGD.learningRate,
        epsilon,
      ),
    );
    const exact = slopes((values) => {
      const there = sampleAt(values);
      return judge('validation', unrolledAt(there), there).loss;
    }, alphas);
    const first = sample.pullback(atUnrolled.byCode);

    const distance = (a: Float64Array) => Math.hypot(...a.map((value, i) => value - exact[i]!));
    // 0.12 % of it; the first-order gradient is 10 % away.
    expect(distance(gradient)).toBeLessThan(0.005 * Math.hypot(...exact));
    expect(distance(first)).toBeGreaterThan(0.05 * Math.hypot(...exact));
  });
});
