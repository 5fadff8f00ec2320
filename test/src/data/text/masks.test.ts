import { describe, expect, it } from 'vitest';
import { dropoutMask, MASK_NAMES, variationalMasks } from '../../../../src/data/text/masks.js';
import { openStream } from '../../../../src/random.js';
import { expectRefusal } from '../../../datasets/helpers.js';

describe('dropoutMask', () => {
  it('is 0 with its rate and 1 / keep otherwise', () => {
    for (const rate of [0.1, 0.25, 0.75]) {
      const mask = dropoutMask(openStream(1, 'masks'), [100, 100], rate);
      expect(mask).toHaveLength(10_000);
      const zeros = mask.filter((value) => value === 0).length;
      expect(Math.abs(zeros / 10_000 - rate)).toBeLessThan(0.02);
      expect(new Set(mask)).toEqual(new Set([0, Math.fround(1 / (1 - rate))]));
    }
  });

  it('is 1 at rate 0, and draws nothing then', () => {
    const stream = openStream(1, 'masks');
    expect([...dropoutMask(stream, [2, 2], 0)]).toEqual([1, 1, 1, 1]);
    expect(stream.state().count).toBe(0);
  });

  it('continues from a saved stream', () => {
    const stream = openStream(1, 'masks');
    dropoutMask(stream, [7], 0.5);
    const resumed = openStream(1, 'masks', JSON.parse(JSON.stringify(stream.state())));
    expect(dropoutMask(resumed, [50], 0.5)).toEqual(dropoutMask(stream, [50], 0.5));
  });

  it('refuses a rate that is none', async () => {
    for (const rate of [-0.1, 1, Number.NaN])
      await expectRefusal(
        () => dropoutMask(openStream(1, 'masks'), [1], rate),
        'usage',
        /below 1.*found: .*cure: /s,
      );
  });
});

describe('variationalMasks', () => {
  it('has the shapes and rates of the five places', () => {
    const rates = { rows: 0.1, emb: 0.2, x: 0.75, h: 0.25, out: 0.5 };
    const masks = variationalMasks(openStream(1, 'masks'), { batch: 20, width: 300, words: 5000 }, rates);
    expect(Object.keys(masks)).toEqual([...MASK_NAMES]);
    for (const name of MASK_NAMES) {
      const { shape, data } = masks[name];
      expect(shape).toEqual(name === 'rows' ? [5000] : [20, 300]);
      expect(data).toHaveLength(name === 'rows' ? 5000 : 6000);
      const zeros = [...data].filter((value) => value === 0).length;
      expect(Math.abs(zeros / data.length - rates[name]), name).toBeLessThan(0.03);
    }
  });

  it('draws each on its own', () => {
    const half = { rows: 0, emb: 0.5, x: 0.5, h: 0.5, out: 0.5 };
    const { emb, x, h, out } = variationalMasks(
      openStream(1, 'masks'),
      { batch: 4, width: 9, words: 3 },
      half,
    );
    expect(new Set([emb, x, h, out].map(({ data }) => data.join())).size).toBe(4);
  });
});
