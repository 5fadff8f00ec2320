// The recurrent supernet against PyTorch: a training step under a soft and under a binary code, and evaluation behind it.
import { describe, expect, it } from 'vitest';
import { Builder } from '../../../../graphs/builder.js';
import { interpret, type Tensor } from '../../../../graphs/interpret/interpret.js';
import { optimizers } from '../../../../graphs/optimizers/index.js';
import type { Optimizer } from '../../../../graphs/optimizers/optimizer.js';
import { noRegularisation, type Regularisation } from '../../../../src/networks/recurrent/language-loss.js';
import { recurrentSupernet } from '../../../../src/networks/recurrent/supernet.js';
import { buildStep, type Step } from '../../../../src/networks/step.js';
import { RECURRENT_SPACE } from '../../../../src/spaces/recurrent.js';
import { readFixture, tensorOf } from '../../../support/fixtures.js';
import {
  departureOf,
  edgeFeeds,
  flatOf,
  hiddenOf,
  settingsOf,
  windowFeeds,
} from '../../../support/language-step.js';
import { defined } from '../../../support/tensors.js';

const [words, width, batch] = [40, 10, 6];

interface StepOptions {
  readonly training: boolean;
  readonly exact: boolean;
  readonly regularisation: Regularisation;
  readonly optimizer?: Optimizer;
  readonly codeOf?: 'loss' | 'crossEntropy';
}

function stepOf({ training, exact, regularisation, optimizer, codeOf = 'loss' }: StepOptions): Step {
  const g = new Builder();
  const hidden = g.input('hidden', [batch, width]);
  const traced = recurrentSupernet(
    g,
    { space: RECURRENT_SPACE, words, width, training, exact },
    { steps: 'steps', batch },
    hidden,
    regularisation,
  );
  const { crossEntropy, raw, last, code } = traced;
  return buildStep(
    {
      g,
      loss: traced[codeOf],
      reports: Object.entries({ crossEntropy, raw, last }).map(([name, value]) => ({ name, value })),
    },
    {
      name: 'step',
      movesStatistics: training,
      ...(training ? { gradientsOf: [code] } : {}),
      ...(optimizer === undefined ? {} : { optimizer, reportGradient: true }),
    },
  );
}

const everyMask: Regularisation = {
  masks: ['rows', 'emb', 'x', 'h', 'out'],
  activity: false,
  slowness: true,
};

describe.each(['soft', 'binary'])('a step under a %s code, against PyTorch', (kind) => {
  const io = readFixture(`recurrent/rnn-search-${kind}.io.f64`);
  const before = readFixture(`recurrent/rnn-search-${kind}.weights`);
  const after = readFixture(`recurrent/rnn-search-${kind}.after.f64`);
  const settings = settingsOf(io);
  const code = tensorOf(io, 'code');
  const flatCode: Tensor = { shape: [code.data.length], data: code.data };
  const common = {
    ...windowFeeds(io, '', width, { slowness: defined(settings.tar) }),
    hidden: hiddenOf(tensorOf(io, 'hidden.initial')),
    code: flatCode,
  };
  const close = (actual: Tensor | undefined, expected: Float64Array, name: string, tolerance = 1e-10): void =>
    expect(departureOf(actual?.data, expected), name).toBeLessThan(tolerance);
  const sgd = optimizers.sgd({
    momentum: 0,
    weightDecay: defined(settings.weightDecay),
    clipNorm: defined(settings.clip),
  });
  const velocity = (step: Step, size: number): Record<string, Tensor> =>
    step.program.stateInputs.velocity === undefined
      ? {}
      : { velocity: { shape: [size], data: new Float64Array(size) } };

  it('moves weights and statistics, and has the gradient of every code entry', () => {
    const step = stepOf({ training: true, exact: true, regularisation: everyMask, optimizer: sgd });
    const { program, state } = step;
    const parameters = flatOf(state.parameters, before);
    const found = interpret(program.graph, {
      ...common,
      ...edgeFeeds(code, true),
      ...velocity(step, parameters.data.length),
      parameters,
      statistics: flatOf(state.statistics, before),
      learningRate: { shape: [1], data: tensorOf(io, 'settings.lr').data },
    });
    close(found.loss, tensorOf(io, 'loss.total').data, 'loss');
    close(found.crossEntropy, tensorOf(io, 'loss.ce').data, 'cross entropy');
    close(found.raw, tensorOf(io, 'raw').data, 'raw');
    close(found.last, tensorOf(io, 'hidden').data, 'hidden');
    close(found.gradientNorm, tensorOf(io, 'gradientNorm').data, 'norm', 1e-9);
    close(found.gradient, flatOf(state.parameters, io, 'gradient.').data, 'gradient', 1e-9);
    close(found['gradient.code'], tensorOf(io, 'gradient.code').data, 'code', 1e-9);
    close(found['parameters.next'], flatOf(state.parameters, after).data, 'weights', 1e-9);
    close(found['statistics.next'], flatOf(state.statistics, after).data, 'statistics');
  });

  it('has the gradients of the cross entropy alone, for the alphas', () => {
    const step = stepOf({ training: true, exact: true, regularisation: everyMask, codeOf: 'crossEntropy' });
    const found = interpret(step.program.graph, {
      ...common,
      ...edgeFeeds(code, true),
      parameters: flatOf(step.state.parameters, before),
      statistics: flatOf(step.state.statistics, before),
    });
    close(found['gradient.code'], tensorOf(io, 'gradient.code.ce').data, 'code', 1e-9);
  });

  it('leaves the same weights where only the edges that learn are fed', () => {
    const step = stepOf({ training: true, exact: false, regularisation: everyMask, optimizer: sgd });
    const parameters = flatOf(step.state.parameters, before);
    const found = interpret(step.program.graph, {
      ...common,
      ...edgeFeeds(code, false),
      ...velocity(step, parameters.data.length),
      parameters,
      statistics: flatOf(step.state.statistics, before),
      learningRate: { shape: [1], data: tensorOf(io, 'settings.lr').data },
    });
    close(found['parameters.next'], flatOf(step.state.parameters, after).data, 'weights', 1e-9);
  });

  it('evaluates by the running statistics', () => {
    const step = stepOf({ training: false, exact: false, regularisation: noRegularisation });
    const found = interpret(step.program.graph, {
      ...windowFeeds(io, '', width),
      mask: flatCode,
      hidden: common.hidden,
      code: flatCode,
      ...edgeFeeds(code, false),
      parameters: flatOf(step.state.parameters, after),
      statistics: flatOf(step.state.statistics, after),
    });
    const logits = logitsOf(
      defined(found.raw),
      tensorOf(after, 'encoder.weight'),
      tensorOf(after, 'decoder.bias'),
    );
    close({ shape: [], data: logits }, tensorOf(io, 'after.evaluation.logits').data, 'logits', 1e-9);
  });
});

/** raw table^T + bias. */
function logitsOf(raw: Tensor, table: Tensor, bias: Tensor): Float64Array {
  const rows = raw.data.length / width;
  return Float64Array.from({ length: rows * words }, (_, i) => {
    const [row, word] = [Math.floor(i / words), i % words];
    let sum = defined(bias.data[word]);
    for (let k = 0; k < width; k++)
      sum += defined(raw.data[row * width + k]) * defined(table.data[word * width + k]);
    return sum;
  });
}
