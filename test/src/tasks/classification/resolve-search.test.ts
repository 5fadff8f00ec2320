import { describe, expect, it } from 'vitest';
import { resolveSearch, type SearchGiven } from '../../../../src/tasks/classification/resolve-search.js';
import { cifarSearch, smallSearch } from '../../../../src/tasks/classification/search-settings.js';

const resolve = (given: SearchGiven, preset?: 'cifar' | 'small') =>
  resolveSearch({ preset, given, threads: 2 });
const refusal = (given: SearchGiven, preset?: 'cifar' | 'small') => {
  try {
    resolve(given, preset);
  } catch (error) {
    return error;
  }
  throw new Error('not refused');
};

describe('resolveSearch', () => {
  it('takes the embedded images and the settings for so few where nothing is said', () => {
    expect(resolve({})).toEqual({ ...smallSearch, data: 'fashion-mnist', seed: 1, threads: 2 });
  });

  it('takes the settings of the papers for data that is named', () => {
    expect(resolve({ data: './cifar' })).toEqual({ ...cifarSearch, data: './cifar', seed: 1, threads: 2 });
    expect(resolve({ data: './few' }, 'small').channels).toBe(smallSearch.channels);
  });

  it('changes what is given, at any depth, and nothing beside it', () => {
    const settings = resolve({ data: 'x', alphas: { learningRate: 0.5 }, seed: 7 });
    expect(settings).toEqual({
      ...cifarSearch,
      data: 'x',
      seed: 7,
      threads: 2,
      alphas: { ...cifarSearch.alphas, learningRate: 0.5 },
    });
  });

  it('lets the temperature fall over the whole of a small run, unless it is told otherwise', () => {
    expect(resolve({ epochs: 9 }).temperature.epochs).toBe(9);
    expect(resolve({ epochs: 9, temperature: { epochs: 4 } }).temperature.epochs).toBe(4);
    expect(resolve({ epochs: 9, data: 'x' }).temperature.epochs).toBe(cifarSearch.temperature.epochs);
  });

  it('takes a budget for the network of the papers, and weighs its excess', () => {
    const { budget, penalties } = resolve({ budget: { most: 5e8 } });
    expect(budget).toEqual({ unit: 'macs', most: 5e8, cells: 20, channels: 36 });
    expect(penalties).toEqual({ entropy: 0, operations: 0, budget: 1 });
    expect(resolve({ budget: { most: 1 }, penalties: { budget: 3 } }).penalties.budget).toBe(3);
    const imagenet = resolve({ network: 'imagenet', budget: { most: 5e8 } }).budget;
    expect(imagenet).toEqual({ unit: 'macs', most: 5e8, cells: 14, channels: 48 });
  });

  it.each([
    ['a weight of a budget that is not there', { penalties: { budget: 2 } }, /no budget/],
    ['cells of a budget that is not there', { budget: { cells: 8 } }, /no budget/],
    ['an option that the method has not', { method: 'darts', samples: 4 }, /does not take `samples`/],
    ['a stopping rule that means nothing', { stopOnSkips: true }, /means nothing/],
    ['what cannot be', { epochs: 0 }, /not possible/],
  ] satisfies [string, SearchGiven, RegExp][])('refuses %s', (_, given, message) => {
    expect(refusal(given)).toMatchObject({ code: 'usage', message: expect.stringMatching(message) });
  });

  it('says where a setting cannot be', () => {
    expect(refusal({ alphas: { beta1: 2 } })).toMatchObject({ details: { where: '`alphas.beta1`' } });
  });
});
