// What a language model has to beat: how well counts alone predict the next word. Both baselines are modified Kneser-Ney
// smoothing, interpolated (Chen & Goodman 1998, "An Empirical Study of Smoothing Techniques for Language Modeling", section 3):
//
//   p(w | v) = (c(v, w) - D(c(v, w))) / c(v) + g(v) p(w)        g(v): what the discounts took from v, so that the sum is 1
//   p(w)     = (N(. w) - D'(N(. w))) / N(. .) + g' / V          N(. w): how many different words stand before w
//
// The unigram is the second line with c(w) in place of N(. w). Discounts follow from how many counts are 1, 2, 3 and 4:
//
//   Y = n1 / (n1 + 2 n2),   D(c) = c - (c + 1) Y n[c+1] / n[c]  for c = 1, 2,   D(c) = D(3) from 3 on .
//
// So every word of the vocabulary, seen or not, is possible after every other.
import type { TextCorpus } from '../../../datasets/text/text-corpus.js';
import { batchify, type Columns } from './columns.js';

/** A distribution of the next word given the one before. */
export interface WordModel {
  /** P(word | before), above 0; the sum over all words is 1. */
  probability(word: number, before: number): number;
}

/** Perplexities of the two on one text. */
export interface Baselines {
  readonly unigram: number;
  readonly bigram: number;
}

/** How many columns a text is evaluated in: what is predicted depends on it, since no word comes before a column's first. */
export interface EvaluationBatches {
  readonly valid: number;
  readonly test: number;
}

/**
 * Perplexities of what the training text's counts predict, on the words that a network predicts in so many columns, ends of
 * lines included. @throws GenonnxError `usage` as `batchify`.
 */
export function baselinePerplexities(
  { vocabulary, train, ...texts }: Pick<TextCorpus, 'vocabulary' | 'train' | 'valid' | 'test'>,
  batches: EvaluationBatches,
): { readonly valid: Baselines; readonly test: Baselines } {
  const words = vocabulary.length;
  const [unigram, bigram] = [unigramModel(train, words), bigramModel(train, words)];
  const both = (columns: Columns): Baselines => ({
    unigram: perplexity(unigram, columns),
    bigram: perplexity(bigram, columns),
  });
  return {
    valid: both(batchify(texts.valid, batches.valid)),
    test: both(batchify(texts.test, batches.test)),
  };
}

/** exp of the mean negative log likelihood of all tokens of `columns` but the first of each, each given the one before. */
export function perplexity(model: WordModel, { rows, batch, data }: Columns): number {
  let sum = 0;
  for (let at = batch; at < data.length; at++)
    sum -= Math.log(model.probability(data[at]!, data[at - batch]!));
  return Math.exp(sum / ((rows - 1) * batch));
}

/** What a text's words are, whatever comes before. `words` is V; tokens are below it. */
export function unigramModel(tokens: Uint32Array, words: number): WordModel {
  const counts = new Float64Array(words);
  for (const token of tokens) counts[token]! += 1;
  const probabilities = smoothed(counts);
  return { probability: (word) => probabilities[word]! };
}

/** What follows each word of a text. `words` is V; tokens are below it. */
export function bigramModel(tokens: Uint32Array, words: number): WordModel {
  const pair = (before: number, word: number): number => before * words + word;
  const counts = new Map<number, number>();
  for (let at = 1; at < tokens.length; at++) {
    const key = pair(tokens[at - 1]!, tokens[at]!);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const discount = discountOf(counts.values());
  const continuations = new Float64Array(words);
  const totals = new Float64Array(words);
  const taken = new Float64Array(words);
  for (const [key, count] of counts) {
    const before = Math.floor(key / words);
    continuations[key % words]! += 1;
    totals[before]! += count;
    taken[before]! += discount(count);
  }
  const lower = smoothed(continuations);
  return {
    probability(word, before) {
      const total = totals[before]!;
      if (total === 0) return lower[word]!;
      const count = counts.get(pair(before, word)) ?? 0;
      return (count - discount(count) + taken[before]! * lower[word]!) / total;
    },
  };
}

/** Counts less their discounts, and what those took, evenly over all words. */
function smoothed(counts: Float64Array): Float64Array {
  const discount = discountOf(counts);
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return counts.map(() => 1 / counts.length);
  const share = counts.reduce((sum, count) => sum + discount(count), 0) / counts.length;
  return counts.map((count) => (count - discount(count) + share) / total);
}

/**
 * What each count is lessened by. Where a text is too small for the estimates, so that one has no value or is not between 0
 * and its count, it is 1/2, 1 and 3/2.
 */
function discountOf(counts: Iterable<number>): (count: number) => number {
  const having = [0, 0, 0, 0, 0];
  for (const count of counts) if (count > 0 && count < having.length) having[count]! += 1;
  const [, n1 = 0, n2 = 0] = having;
  const estimated = [1, 2, 3].map((c) => c - ((c + 1) * (n1 / (n1 + 2 * n2)) * having[c + 1]!) / having[c]!);
  const [one = 0, two = 0, more = 0] = estimated.every((value, at) => value > 0 && value <= at + 1)
    ? estimated
    : [0.5, 1, 1.5];
  return (count) => (count === 0 ? 0 : count === 1 ? one : count === 2 ? two : more);
}
