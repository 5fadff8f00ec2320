// What a language model writes: drawn from its own probabilities, the same for the same seed.
import { describe, expect, it } from 'vitest';
import { writtenText } from '../../../src/deploy/written-text.js';
import { initialState } from '../../../src/networks/initial-state.js';
import { openStream } from '../../../src/random.js';
import { recurrentZooEntry } from '../../../src/spaces/zoo.js';
import { languageEvaluation } from '../../../src/tasks/language/networks.js';
import { shipLanguageModel } from '../../../src/tasks/language/ship.js';
import { defined } from '../../support/tensors.js';

const vocabulary = ['<eos>', '<unk>', 'a', 'b', 'c'];
const width = 4;
const network = {
  genotype: recurrentZooEntry('DARTS_V2_RNN').genotype,
  words: vocabulary.length,
  width,
  combination: 'mean',
} as const;

/** A step model that says the same of every next word: its weights are 0, but for the bias of its decoder. */
function modelWith(bias: readonly number[]): Uint8Array {
  const arrays = initialState(languageEvaluation(network, 1, 'test').state, openStream(1, 'weights'));
  const { shape, data } = defined(arrays.parameters);
  const slots = languageEvaluation(network, 1, 'test').state.parameters;
  const { offset } = defined(slots.find(({ name }) => name === 'decoder.bias'));
  const parameters = new Float32Array(data.length);
  parameters.set(bias, offset);
  const files = shipLanguageModel(
    network,
    { parameters: { shape, data: parameters } },
    { vocabulary, seed: 1, dataset: 'a text', toolVersion: '0.0.0', scores: {} },
  ).files;
  const step = defined(files.find(({ name }) => name === 'model.step.onnx'));
  return Buffer.from(step.data);
}

const write = (bias: readonly number[], seed: number, temperature: number, count: number) =>
  writtenText(modelWith(bias), { vocabulary, width, seed, temperature, count });

describe('what a language model writes', () => {
  it('is the likeliest word where the temperature is low, but never the unknown one', async () => {
    expect(await write([0, 9, 0, 3, 1], 1, 0.01, 4)).toBe('B b b b');
  });

  it('follows the probabilities of the model, sharpened by the temperature', async () => {
    // exp(log 3 / 0.5) = 9: nine times as often as the other two.
    const text = await write([-99, 0, 0, 0, Math.log(3)], 1, 0.5, 2000);
    const counts = ['a', 'b', 'c'].map(
      (word) =>
        text
          .toLowerCase()
          .split(' ')
          .filter((each) => each === word).length,
    );
    expect(counts.reduce((a, b) => a + b)).toBe(2000);
    // Three standard deviations of a share of 1/11 in 2,000 draws are 0.019.
    expect(Math.abs(defined(counts[0]) / 2000 - 1 / 11)).toBeLessThan(0.02);
    expect(Math.abs(defined(counts[1]) / 2000 - 1 / 11)).toBeLessThan(0.02);
  });

  it('is told by its seed', async () => {
    const even = [-99, 0, 0, 0, 0];
    const [first, again, other] = [
      await write(even, 1, 1, 30),
      await write(even, 1, 1, 30),
      await write(even, 2, 1, 30),
    ];
    expect(again).toBe(first);
    expect(other).not.toBe(first);
  });

  it('has a line for each that was ended', async () => {
    const text = await write([1, 0, 0, 0, 0], 3, 1, 40);
    expect(text).toContain('\n');
    expect(text).not.toContain('<eos>');
  });
});
