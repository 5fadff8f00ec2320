import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  baselinePerplexities,
  bigramModel,
  perplexity,
  unigramModel,
  type WordModel,
} from '../../../../src/data/text/baselines.js';
import { batchify } from '../../../../src/data/text/columns.js';
import { openStream } from '../../../../src/random.js';

/** Texts over few words, some of which never occur. */
const texts = fc.tuple(fc.integer({ min: 1, max: 8 }), fc.nat(3)).chain(([used, more]) =>
  fc.record({
    tokens: fc
      .array(fc.nat(used - 1), { minLength: 1, maxLength: 120 })
      .map((all) => Uint32Array.from(all, (word) => Math.min(word, (word * word) % used))),
    words: fc.constant(used + more),
  }),
);

const upTo = (count: number) => Array.from({ length: count }, (_, at) => at);
const [a, b, c, d] = [0, 1, 2, 3];

describe.each([
  ['the unigram', unigramModel],
  ['the Kneser-Ney bigram', bigramModel],
])('%s', (_, model) => {
  it('is a distribution over all words after every word, seen or not', () => {
    fc.assert(
      fc.property(texts, ({ tokens, words }) => {
        const { probability } = model(tokens, words);
        for (const before of upTo(words)) {
          const all = upTo(words).map((word) => probability(word, before));
          expect(all.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 12);
          expect(Math.min(...all)).toBeGreaterThan(0);
        }
      }),
    );
  });
});

describe('the unigram', () => {
  it('has what was counted by hand, where discounts can be estimated', () => {
    // Four words once, two twice, one three times, one four times, two never: n = 4, 2, 1, 1, so that Y = 1/2 and
    // D = 1/2, 5/4, 1. They take 6.5 of 15, 0.65 for each of ten words.
    const tokens = Uint32Array.of(0, 1, 2, 3, 4, 4, 5, 5, 6, 6, 6, 7, 7, 7, 7);
    const { probability } = unigramModel(tokens, 10);
    const counted = [0.5, 0.5, 0.5, 0.5, 0.75, 0.75, 2, 3, 0, 0].map((kept) => (kept + 0.65) / 15);
    for (const word of upTo(10)) expect(probability(word, 0)).toBeCloseTo(counted[word]!, 14);
  });
});

describe('the Kneser-Ney bigram', () => {
  it('has what was counted by hand, where a text is too small for estimates', () => {
    // a b twice, b a and b c once; D = 1/2, 1, 3/2. a, b and c each stand behind one word: p = (1/2 + 3/8) / 3 for each of
    // them, (3/8) / 3 for d.
    const { probability } = bigramModel(Uint32Array.of(a, b, a, b, c), 4);
    const [seen, unseen] = [0.875 / 3, 0.375 / 3];
    expect(probability(b, a)).toBeCloseTo((2 - 1 + seen) / 2, 14);
    expect(probability(a, a)).toBeCloseTo(seen / 2, 14);
    expect(probability(a, b)).toBeCloseTo((1 - 0.5 + seen) / 2, 14);
    expect(probability(c, b)).toBeCloseTo((1 - 0.5 + seen) / 2, 14);
    expect(probability(d, b)).toBeCloseTo(unseen / 2, 14);
    // Nothing follows c.
    expect(probability(b, c)).toBeCloseTo(seen, 14);
    expect(probability(d, d)).toBeCloseTo(unseen, 14);
  });

  it('is what its definition says, discounts estimated', () => {
    // Few words are frequent and most are rare, as in any text.
    const words = 220;
    const stream = openStream(1, 'text');
    const tokens = Uint32Array.from({ length: 900 }, () => Math.floor(200 * stream.uniform() ** 4));
    const grid = upTo(words).map(() => Array<number>(words).fill(0));
    for (let at = 1; at < tokens.length; at++) grid[tokens[at - 1]!]![tokens[at]!]! += 1;
    const behind = upTo(words).map((w) => grid.filter((row) => row[w]! > 0).length);
    const discounts = (counts: readonly number[]) => {
      const n = (k: number) => counts.filter((other) => other === k).length;
      const y = n(1) / (n(1) + 2 * n(2));
      return [0, 1 - (2 * y * n(2)) / n(1), 2 - (3 * y * n(3)) / n(2), 3 - (4 * y * n(4)) / n(3)];
    };
    const sum = (all: readonly number[]) => all.reduce((total, one) => total + one, 0);
    const level = (counts: readonly number[], own: readonly number[], below: readonly number[]) => {
      const taken = sum(counts.map((one) => own[Math.min(one, 3)]!));
      return counts.map((one, w) => (one - own[Math.min(one, 3)]! + taken * below[w]!) / sum(counts));
    };
    const own = discounts(grid.flat());
    const lowerOwn = discounts(behind);
    for (const c of [1, 2, 3])
      for (const estimate of [own[c]!, lowerOwn[c]!]) {
        expect(estimate).toBeGreaterThan(0);
        expect(estimate).toBeLessThanOrEqual(c);
      }
    const { probability } = bigramModel(tokens, words);
    const lower = level(behind, lowerOwn, Array(words).fill(1 / words));
    for (const v of upTo(words)) {
      const expected = sum(grid[v]!) === 0 ? lower : level(grid[v]!, own, lower);
      expect(Math.max(...upTo(words).map((w) => Math.abs(probability(w, v) - expected[w]!)))).toBeLessThan(
        1e-14,
      );
    }
  });
});

describe('perplexity', () => {
  it('is that of all tokens but the first of each column, given the one before', () => {
    const asked: string[] = [];
    const model: WordModel = {
      probability(word, before) {
        asked.push(`${before}>${word}`);
        return word === 5 ? 0.5 : 0.125;
      },
    };
    // Two columns: 0 1 2 and 3 4 5; the seventh token is left out.
    expect(perplexity(model, batchify(Uint32Array.from(upTo(7)), 2))).toBeCloseTo(
      (8 ** 3 * 2) ** (1 / 4),
      12,
    );
    expect(asked.sort()).toEqual(['0>1', '1>2', '3>4', '4>5']);
  });

  it('is the number of words where nothing is known', () => {
    const columns = batchify(Uint32Array.from(upTo(20)), 2);
    expect(perplexity(unigramModel(Uint32Array.of(), 20), columns)).toBeCloseTo(20, 12);
    expect(perplexity(bigramModel(Uint32Array.of(3), 20), columns)).toBeCloseTo(20, 12);
  });
});

describe('baselinePerplexities', () => {
  it('learns from the training text alone, and predicts what a network predicts', () => {
    const vocabulary = ['a', 'b', 'c', 'd'];
    const train = Uint32Array.of(a, b, a, b, c, a, b);
    const [valid, test] = [Uint32Array.of(a, b, c, a, b, d), Uint32Array.of(b, a, b, c)];
    const found = baselinePerplexities({ vocabulary, train, valid, test }, { valid: 2, test: 1 });
    expect(found).toEqual({
      valid: {
        unigram: perplexity(unigramModel(train, 4), batchify(valid, 2)),
        bigram: perplexity(bigramModel(train, 4), batchify(valid, 2)),
      },
      test: {
        unigram: perplexity(unigramModel(train, 4), batchify(test, 1)),
        bigram: perplexity(bigramModel(train, 4), batchify(test, 1)),
      },
    });
  });
});
