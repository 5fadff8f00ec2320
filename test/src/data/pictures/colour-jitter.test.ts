import { describe, expect, it } from 'vitest';
import { drawJitter, jitter } from '../../../../src/data/pictures/colour-jitter.js';
import { openStream } from '../../../../src/random.js';
import { pil } from '../../../support/pil-pictures.js';

describe('colour jitter', () => {
  it.each(pil.jitters)("of $change by $by is PIL's, to the bit", ({ change, by, result }) => {
    const picture = { ...pil.colours, data: pil.colours.data.slice() };
    jitter(picture, [{ change, by }]);
    expect(picture.data).toEqual(result.data);
  });

  it('follows the order that was drawn', () => {
    const [dark, grey] = [
      { change: 'brightness', by: 0.6 } as const,
      { change: 'contrast', by: 0.6 } as const,
    ];
    const after = [
      [dark, grey],
      [grey, dark],
    ].map((drawn) => {
      const picture = { ...pil.colours, data: pil.colours.data.slice() };
      jitter(picture, drawn);
      return picture.data;
    });
    expect(after[0]).not.toEqual(after[1]);
  });

  it('draws every order about as often, and factors over their whole range', () => {
    const stream = openStream(1, 'jitter');
    const reach = { brightness: 0.4, contrast: 0.4, saturation: 2, hue: 0.2 };
    const orders = new Map<string, number>();
    const bounds = new Map<string, [number, number]>();
    for (let i = 0; i < 4800; i++) {
      const drawn = drawJitter(reach, stream);
      const order = drawn.map(({ change }) => change).join();
      orders.set(order, (orders.get(order) ?? 0) + 1);
      for (const { change, by } of drawn) {
        const [least, most] = bounds.get(change) ?? [by, by];
        bounds.set(change, [Math.min(least, by), Math.max(most, by)]);
      }
    }
    expect(orders.size).toBe(24);
    // 200 expected, with a standard deviation of 14.
    for (const count of orders.values()) expect(Math.abs(count - 200)).toBeLessThan(70);
    const expected = { brightness: [0.6, 1.4], contrast: [0.6, 1.4], saturation: [0, 3], hue: [-0.2, 0.2] };
    for (const [change, [least, most]] of Object.entries(expected).map(
      ([name, range]) => [name, range] as const,
    )) {
      const found = bounds.get(change)!;
      expect(found[0]).toBeGreaterThanOrEqual(least!);
      expect(found[1]).toBeLessThanOrEqual(most!);
      expect(found[1] - found[0]).toBeGreaterThan(0.99 * (most! - least!));
    }
  });

  it('leaves out what does not change, and draws as much', () => {
    const [one, other] = [openStream(1, 'jitter'), openStream(1, 'jitter')];
    const all = drawJitter({ brightness: 0.4, contrast: 0.4, saturation: 0.4, hue: 0.2 }, one);
    const some = drawJitter({ brightness: 0.4, contrast: 0, saturation: 0, hue: 0 }, other);
    expect(some).toEqual(all.filter(({ change }) => change === 'brightness'));
    expect(one.state()).toEqual(other.state());
  });
});
