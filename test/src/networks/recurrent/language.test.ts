// Language models of recurrent genotypes against PyTorch: evaluation, and windows of training with all masks and penalties.
import { describe, expect, it } from 'vitest';
import { Builder } from '../../../../graphs/builder.js';
import { interpret, type Tensor } from '../../../../graphs/interpret/interpret.js';
import { optimizers } from '../../../../graphs/optimizers/index.js';
import type { Optimizer } from '../../../../graphs/optimizers/optimizer.js';
import type { Combination } from '../../../../src/networks/recurrent/derived-cell.js';
import {
  derivedLanguage,
  type LanguageNetwork,
} from '../../../../src/networks/recurrent/derived-language.js';
import { noRegularisation, type Regularisation } from '../../../../src/networks/recurrent/language-loss.js';
import { buildStep, type Step } from '../../../../src/networks/step.js';
import { parseRecurrentGenotype } from '../../../../src/spaces/parse.js';
import { readFixture, readFixtureText, tensorOf } from '../../../support/fixtures.js';
import {
  departureOf,
  type Fixture,
  flatOf,
  hiddenOf,
  settingsOf,
  windowFeeds,
} from '../../../support/language-step.js';
import { defined } from '../../../support/tensors.js';

const [words, width, batch] = [50, 12, 3];
const everyMask: Regularisation = { masks: ['rows', 'emb', 'x', 'h', 'out'], activity: true, slowness: true };

function networkOf(name: string, combination: Combination = 'mean'): LanguageNetwork {
  return {
    genotype: parseRecurrentGenotype(readFixtureText(`recurrent/${name}`)),
    words,
    width,
    combination,
  };
}

function stepOf(network: LanguageNetwork, regularisation: Regularisation, optimizer?: Optimizer): Step {
  const g = new Builder();
  const hidden = g.input('hidden', [batch, width]);
  const { loss, crossEntropy, raw, dropped, last } = derivedLanguage(
    g,
    network,
    { steps: 'steps', batch },
    hidden,
    regularisation,
  );
  const reports = Object.entries({ crossEntropy, raw, dropped, last }).map(([name, value]) => ({
    name,
    value,
  }));
  return buildStep(
    { g, loss, reports },
    {
      name: 'step',
      movesStatistics: false,
      ...(optimizer === undefined ? {} : { optimizer, reportGradient: true }),
    },
  );
}

function close(actual: Tensor | undefined, expected: Float64Array, name: string, tolerance = 1e-10): void {
  expect(departureOf(actual?.data, expected), name).toBeLessThan(tolerance);
}

describe('evaluation, against PyTorch', () => {
  it.each([
    { name: 'rnn-eval-darts-v2', combination: 'mean', prefix: '' },
    { name: 'rnn-eval-lists', combination: 'mean', prefix: '' },
    { name: 'rnn-eval-lists', combination: 'sum', prefix: 'sum.' },
  ] as const)('$name, $combination', ({ name, combination, prefix }) => {
    const io = readFixture(`recurrent/${name}.io.f64`);
    const { program, state } = stepOf(networkOf(name, combination), noRegularisation);
    const found = interpret(program.graph, {
      ...windowFeeds(io, '', width),
      hidden: hiddenOf(tensorOf(io, 'hidden.initial')),
      parameters: flatOf(state.parameters, readFixture(`recurrent/${name}.weights`)),
    });
    close(found.raw, tensorOf(io, `${prefix}raw`).data, 'raw');
    close(found.last, tensorOf(io, `${prefix}hidden`).data, 'hidden');
    if (prefix === '') close(found.loss, tensorOf(io, 'loss').data, 'loss');
  });
});

describe('training, against PyTorch', () => {
  const name = 'rnn-train-darts-v2';
  const io: Fixture = readFixture(`recurrent/${name}.io.f64`);
  const settings = settingsOf(io);
  const before = readFixture(`recurrent/${name}.weights`);

  it('four windows of SGD', () => {
    const sgd = optimizers.sgd({
      momentum: 0,
      weightDecay: defined(settings.weightDecay),
      clipNorm: defined(settings.clip),
    });
    const { program, state } = stepOf(networkOf(name), everyMask, sgd);
    let parameters = flatOf(state.parameters, before);
    let hidden: Tensor = { shape: [batch, width], data: new Float64Array(batch * width) };
    for (let n = 0; n < 4; n++) {
      const found = interpret(program.graph, {
        ...windowFeeds(io, `step.${n}.`, width, {
          activity: defined(settings.ar),
          slowness: defined(settings.tar),
        }),
        hidden,
        parameters,
        ...(program.stateInputs.velocity === undefined
          ? {}
          : { velocity: { shape: parameters.shape, data: new Float64Array(parameters.data.length) } }),
        learningRate: { shape: [1], data: tensorOf(io, `step.${n}.lr`).data },
      });
      const expected = (key: string): Float64Array => tensorOf(io, `sgd.${n}.${key}`).data;
      close(found.loss, expected('loss.total'), `loss ${n}`);
      close(found.crossEntropy, expected('loss.ce'), `cross entropy ${n}`);
      close(found.gradientNorm, expected('gradientNorm'), `norm ${n}`);
      close(found.last, expected('hidden'), `hidden ${n}`);
      if (n === 0) {
        close(found.gradient, flatOf(state.parameters, io, 'sgd.0.gradient.').data, 'gradient');
        close(found.raw, expected('raw'), 'raw');
        close(found.dropped, expected('dropped'), 'dropped');
      }
      close(found['parameters.next'], flatOf(state.parameters, io, `sgd.${n}.weights.`).data, `weights ${n}`);
      parameters = defined(found['parameters.next']);
      hidden = { shape: [batch, width], data: defined(found.last).data };
    }
  });
});
