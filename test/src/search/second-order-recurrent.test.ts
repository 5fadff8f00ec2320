// The second-order gradient of recurrent cells against PyTorch's: plain SGD, both gradients clipped, the cross entropy without its
// penalties, the same masks in every forward pass of a batch, each batch from the hidden state of its own stream.
import { afterAll, describe, expect, it } from 'vitest';
import { Builder } from '../../../graphs/builder.js';
import { optimizers } from '../../../graphs/optimizers/index.js';
import type { Engine, Feeds, HostTensor } from '../../../src/engines/engine.js';
import { createNodeOrtEngine } from '../../../src/engines/ort/node.js';
import { noRegularisation } from '../../../src/networks/recurrent/language-loss.js';
import { recurrentSupernet } from '../../../src/networks/recurrent/supernet.js';
import { type SupernetTracer, searchState } from '../../../src/networks/search-programs.js';
import { stateLayout } from '../../../src/networks/step.js';
import { prepareSecondOrder } from '../../../src/search/second-order.js';
import { RECURRENT_SPACE } from '../../../src/spaces/recurrent.js';
import { type FixtureTensor, readFixture, tensorOf } from '../../support/fixtures.js';
import { interpreterEngine } from '../../support/interpreter-engine.js';
import { departureOf, edgeFeeds, flatOf, settingsOf, windowFeeds } from '../../support/language-step.js';
import { defined } from '../../support/tensors.js';

const ort = createNodeOrtEngine({ layout: { kind: 'portable' }, threads: 1, worker: false });
afterAll(() => ort.dispose());

const [words, width, batch] = [40, 10, 6];
const io = readFixture('recurrent/rnn-search-soft.io.f64');
const settings = settingsOf(io);
const descent = {
  momentum: 0,
  weightDecay: defined(settings.weightDecay),
  clipNorm: defined(settings.clip),
};

const supernet: SupernetTracer = (training) => {
  const g = new Builder();
  const before = g.input('hidden', [batch * width]);
  const traced = recurrentSupernet(
    g,
    { space: RECURRENT_SPACE, words, width, training, exact: false },
    { steps: 'steps', batch },
    g.reshape(before, [batch, width]),
    training
      ? { masks: ['rows', 'emb', 'x', 'h', 'out'], activity: false, slowness: true }
      : noRegularisation,
  );
  const after = g.reshape(traced.last, [batch * width]);
  return {
    g,
    loss: traced.loss,
    judgement: traced.crossEntropy,
    reports: [],
    code: traced.code,
    carried: [{ before, after }],
  };
};

function feedsOf(prefix: string, slowness: number): Feeds {
  const code = tensorOf(io, 'code');
  const all = { ...windowFeeds(io, prefix, width, { slowness }), ...edgeFeeds(code, false) };
  const isWhole = /^(?:tokens|targets|learning\.)/;
  const entries = Object.entries(all).map(([name, { shape, data }]): [string, HostTensor] => [
    name,
    { shape, data: isWhole.test(name) ? BigInt64Array.from(data, BigInt) : Float32Array.from(data) },
  ]);
  const flat = { shape: [code.data.length], data: Float32Array.from(code.data) };
  return { ...Object.fromEntries(entries), code: flat };
}

/** dL/dalphas of dL/dcode, where a row of the code is the softmax of one of the alphas. */
function ofAlphas(byCode: ArrayLike<number>): number[] {
  const { shape, data: code } = tensorOf(io, 'code');
  const [rows = 0, columns = 0] = shape;
  return Array.from({ length: rows }, (_, row) => {
    const at = Array.from({ length: columns }, (_, i) => row * columns + i);
    const mean = at.reduce((sum, i) => sum + code[i]! * byCode[i]!, 0);
    return at.map((i) => code[i]! * (byCode[i]! - mean));
  }).flat();
}

async function alphaGradient(engine: Engine, learningRate: number) {
  const slots = searchState(supernet, optimizers.sgd(descent));
  const state = await engine.createState(stateLayout(slots));
  const weights = readFixture('recurrent/rnn-search-soft.weights');
  const write = (name: string, { data }: FixtureTensor) => state.write(name, Float32Array.from(data));
  await write('parameters', flatOf(slots.parameters, weights));
  await write('statistics', flatOf(slots.statistics, weights));
  await write('hidden', tensorOf(io, 'hidden.initial'));
  await write('hidden.alphas', tensorOf(io, 'valid.hidden.initial'));
  const second = await prepareSecondOrder(engine, supernet, state, descent);
  const batches = { train: feedsOf('', defined(settings.tar)), validation: feedsOf('valid.', 0) };
  const { codeGradient } = await second.gradient(batches, learningRate);
  return { gradient: ofAlphas(codeGradient), state };
}

describe.each([
  ['the interpreter', interpreterEngine],
  ['onnxruntime', () => ort],
] as const)('the second-order gradient of a recurrent cell on %s', (_, engineOf) => {
  it("is PyTorch's", async () => {
    const { gradient, state } = await alphaGradient(engineOf(), defined(settings.lr));
    const expected = tensorOf(io, 'alphas.gradient.unrolled').data;
    expect(departureOf(gradient, expected)).toBeLessThan(2e-4);
    // The weights' own sequence goes on with their step, the alphas' with this one.
    const hidden = Float32Array.from(tensorOf(io, 'hidden.initial').data);
    expect(await state.read('hidden')).toEqual(hidden);
    expect(await state.read('hidden.alphas')).not.toEqual(
      Float32Array.from(tensorOf(io, 'valid.hidden.initial').data),
    );
  });

  it('is that of first order where the weights do not move', async () => {
    const { gradient } = await alphaGradient(engineOf(), 0);
    const expected = tensorOf(io, 'alphas.gradient.first').data;
    expect(departureOf(gradient, expected)).toBeLessThan(5e-5);
  });
});
