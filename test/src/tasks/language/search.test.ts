// What a search of a recurrent cell reads: which text the weights learn from, which the alphas, and in which windows.
import { describe, expect, it } from 'vitest';
import type { TextCorpus } from '../../../../datasets/text/text-corpus.js';
import { batchify } from '../../../../src/data/text/columns.js';
import type { FedBatch } from '../../../../src/loop/batch-source.js';
import { RECURRENT_SPACE } from '../../../../src/spaces/recurrent.js';
import { resolveLanguageSearch } from '../../../../src/tasks/language/resolve-search.js';
import { languageSearch } from '../../../../src/tasks/language/search.js';
import { allOf } from '../../../support/batches.js';
import { defined } from '../../../support/tensors.js';

// Every word stands once, so that a token says where it is from.
const range = (from: number, length: number) => Uint32Array.from({ length }, (_, at) => from + at);
const corpus: TextCorpus = {
  name: 'counted',
  vocabulary: Array.from({ length: 2000 }, (_, at) => `w${at}`),
  train: range(0, 1500),
  valid: range(1500, 300),
  test: range(1800, 200),
  checksums: {},
};
const batch = 3;
const bptt = 10;

function problem(split: 'validation' | 'training') {
  const given = { data: './counted', split, batch, bptt, width: 4, trainFraction: 0.8 };
  const config = resolveLanguageSearch({ preset: 'ptb', given, threads: 1 });
  return languageSearch(config, corpus, RECURRENT_SPACE);
}

const tokensOf = ({ feeds }: FedBatch) => Array.from(defined(feeds.tokens).data, Number);

describe.each([
  ['validation', corpus.train, corpus.valid],
  ['training', range(0, 1200), range(1200, 300)],
] as const)('with the alphas on the %s text', (split, head, tail) => {
  const { weightBatches, alphaBatches, heldOut } = problem(split);
  const [weightRows, alphaRows] = [batchify(head, batch).rows, batchify(tail, batch).rows];

  it('the windows of the alphas lie where those of the weights do, of full length, each in its own text', async () => {
    const [weights, alphas] = [weightBatches(undefined), alphaBatches(undefined)];
    let start = 0;
    for (let epoch = 0, steps = 0; epoch < 2; steps++) {
      const [train, held] = [await weights.next(epoch), await alphas.next(epoch)];
      expect(tokensOf(train)[0]).toBe(head[start]);
      const from = start % (alphaRows - 1);
      expect(tokensOf(held)[0]).toBe(tail[from]);
      expect(held.examples / batch).toBe(Math.min(bptt, alphaRows - 1 - from));
      const drawn = Math.round(defined(train.rateScale) * bptt);
      expect([bptt, bptt / 2]).toContain(drawn);
      expect(train.examples / batch).toBe(Math.min(drawn, weightRows - 1 - start));
      expect(held.done).toBe(train.done);
      start += drawn;
      if (train.done === 1) [start, epoch] = [0, epoch + 1];
      expect(steps).toBeLessThan(1000);
    }
  });

  it('masks of both are their own, and a resumed source goes on', async () => {
    const [weights, alphas] = [weightBatches(undefined), alphaBatches(undefined)];
    const [first, second] = [await weights.next(0), await alphas.next(0)];
    expect(first.feeds['mask.x']).not.toEqual(second.feeds['mask.x']);
    const resumed = alphaBatches(JSON.parse(JSON.stringify(alphas.state())));
    expect(await resumed.next(0)).toEqual(await alphas.next(0));
  });

  it('the validation text is what is measured on', async () => {
    const words = (await allOf(heldOut)).flatMap(tokensOf);
    expect(Math.min(...words)).toBe(1500);
    expect(Math.max(...words)).toBeLessThan(1800);
  });
});

it('is refused with a batch or windows that are larger than either text', () => {
  const refused = (given: object) => () =>
    languageSearch(
      resolveLanguageSearch({ preset: 'ptb', given: { data: './c', width: 4, ...given }, threads: 1 }),
      corpus,
      RECURRENT_SPACE,
    );
  expect(refused({ batch: 200, bptt: 4 })).toThrow(/batch is larger than the text/);
  expect(refused({ batch: 30, bptt: 10 })).toThrow(/windows are longer than the text/);
});
