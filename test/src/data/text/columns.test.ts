import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { batchify, splitTail, windowTokens } from '../../../../src/data/text/columns.js';
import { expectRefusal } from '../../../datasets/helpers.js';

const upTo = (count: number) => Uint32Array.from({ length: count }, (_, at) => at);

describe('batchify', () => {
  it('gives each column its own piece of the text, in order', () => {
    // Tokens that say where they are.
    const { rows, data } = batchify(upTo(11), 3);
    expect(rows).toBe(3);
    expect([...data]).toEqual([0, 3, 6, 1, 4, 7, 2, 5, 8]);
  });

  it('keeps all but fewer tokens than there are columns', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 2, max: 80 }), (batch, count) => {
        fc.pre(count >= 2 * batch);
        const { rows, data, ...rest } = batchify(upTo(count), batch);
        expect(rest).toEqual({ batch });
        expect(data).toHaveLength(rows * batch);
        expect([...data].sort((a, b) => a - b)).toEqual([...upTo(rows * batch)]);
        expect(count - data.length).toBeLessThan(batch);
        for (let at = batch; at < data.length; at++) expect(data[at]! - data[at - batch]!).toBe(1);
      }),
    );
  });

  it('refuses a batch that is none or larger than the text', async () => {
    for (const batch of [0, -1, 1.5, Number.NaN])
      await expectRefusal(() => batchify(upTo(10), batch), 'usage', /where: +`batch`.*positive integer/s);
    await expectRefusal(
      () => batchify(upTo(11), 6),
      'usage',
      /larger than the text.*at most 5,.*6 columns for 11/s,
    );
    expect(batchify(upTo(11), 5).rows).toBe(2);
    await expectRefusal(() => batchify(upTo(1), 1), 'usage');
  });
});

describe('windowTokens', () => {
  it('has the tokens of the rows, and those that follow each as targets', () => {
    const columns = batchify(upTo(12), 2);
    const { tokens, targets } = windowTokens(columns, { start: 1, length: 3 });
    expect([...tokens]).toEqual([1n, 7n, 2n, 8n, 3n, 9n]);
    expect([...targets]).toEqual([2n, 8n, 3n, 9n, 4n, 10n]);
  });

  it('is made of fresh arrays', () => {
    const columns = batchify(upTo(12), 2);
    windowTokens(columns, { start: 0, length: 2 }).tokens.fill(7n);
    expect(columns).toEqual(batchify(upTo(12), 2));
  });
});

describe('splitTail', () => {
  it('cuts a text in two', () => {
    const { head, tail } = splitTail(upTo(25), 0.1);
    expect([...head, ...tail]).toEqual([...upTo(25)]);
    expect(tail).toHaveLength(3);
    expect(splitTail(upTo(3), 0.1).tail).toHaveLength(1);
  });
});
