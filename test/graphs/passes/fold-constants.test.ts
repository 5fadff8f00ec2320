import { describe, expect, it } from 'vitest';
import { foldConstants } from '../../../graphs/passes/fold-constants.js';
import { bound, expectSame, namesOf, operationsOf, withoutNumbers } from './bound-case.js';

/** Weights and constants, one after the other and with the images. */
const source = bound(({ g, parts: [images], weight }) => {
  const [w, b, plain] = [weight('w', [2, 3, 1, 1]), weight('b', [1, 2, 1, 1]), weight('plain', [1, 5, 1, 1])];
  const widened = g.concat(
    [g.mul(w, g.scalar(0.1)), w, g.within('row', () => g.constant([1, 2, 3], [1, 3, 1, 1]))],
    0,
  );
  const shifts = g.split(g.one('pad', [b], { axis: 1, before: 1, after: 2 }), 1, [2, 3]);
  return g.mul(g.add(g.conv2d(images, widened), plain), g.concat(shifts, 1));
});

describe('foldConstants', () => {
  it('leaves what reads the images, and the weights that it reads', () => {
    const folded = foldConstants(source);
    expect(operationsOf(folded).filter((op) => op !== 'neg')).toEqual(['conv2d', 'conv2d', 'add', 'mul']);
    expect(namesOf(folded)).toEqual(['stem', 'plain', 'w', 'b']);
    expectSame(source, folded);
  });

  it('rounds a result to float32', () => {
    const [, , widened] = [...foldConstants(source).weights.values()];
    const [w] = [...source.weights.values()].filter(({ name }) => name === 'w');
    expect([...(widened?.data ?? [])].slice(0, 6)).toEqual(
      [...(w?.data ?? [])].map((x) => Math.fround(Math.fround(0.1) * x)),
    );
  });

  it('calls a constant after its path', () => {
    const folded = foldConstants(
      bound(({ g, parts: [images] }) => {
        const shift = g.within('row', () => g.constant([1, 2, 3], [1, 3, 1, 1]));
        return g.mul(g.add(images, shift), g.scalar(2));
      }),
    );
    expect(namesOf(folded)).toEqual(['stem', 'constant', 'row']);
  });

  it('has the same nodes and names without any numbers', () => {
    const [folded, empty] = [foldConstants(source), foldConstants(withoutNumbers(source))];
    expect(namesOf(empty)).toEqual(namesOf(folded));
    expect(operationsOf(empty)).toEqual(operationsOf(folded));
  });

  it('leaves what is no float32', () => {
    const gated = bound(({ g, parts: [images] }) => {
      const gates = g.constant([1], [1], 'bool');
      return g.region({ gates, backwardGates: gates, gateIndex: 0 }, [images], (body, [x = images]) =>
        body.relu(x),
      );
    });
    expect(operationsOf(foldConstants(gated))).toEqual(operationsOf(gated));
  });
});
