import { describe, expect, it } from 'vitest';
import { Builder } from '../../graphs/builder.js';
import { differentiate } from '../../graphs/differentiate.js';
import { liveBytes, savedBytes } from '../../graphs/live-bytes.js';
import { defined } from '../support/tensors.js';

describe('liveBytes', () => {
  it('counts what is alive together, four bytes a number', () => {
    const g = new Builder();
    const x = g.input('x', [100]);
    const a = g.neg(x);
    const b = g.neg(a);
    const c = g.neg(b);
    // x, a and then b: x is still fed while a is made, and gone once nothing reads it.
    expect(liveBytes(g.build([{ name: 'c', value: c }]), new Map())).toBe(4 * 200);
    // Kept to the end, x and a stay beside the others.
    const kept = [x, a, c].map((value, i) => ({ name: `${i}`, value }));
    expect(liveBytes(g.build(kept), new Map())).toBe(4 * 400);
  });

  it('leaves closed regions out, and counts the inside of open ones', () => {
    const g = new Builder();
    const gates = g.input('gates', [2], 'bool');
    const x = g.input('x', [100]);
    const region = (gateIndex: number) =>
      g.region({ gates, backwardGates: gates, gateIndex }, [x], (body, [inner]) =>
        body.neg(body.sub(body.neg(defined(inner)), body.neg(defined(inner)))),
      );
    const graph = g.build([{ name: 'y', value: g.sum([region(0), region(1)]) }]);
    const bytes = (first: number, second: number) => liveBytes(graph, new Map([[gates, [first, second]]]));
    // x, or the sum once x is gone.
    expect(bytes(0, 0)).toBe(4 * 100);
    // x, and inside the two negatives and their difference.
    expect(bytes(1, 0)).toBe(4 * 400);
    // The first region's result beside them.
    expect(bytes(1, 1)).toBe(4 * 500);
  });

  it('follows gates that are combined', () => {
    const g = new Builder();
    const [a, b] = [g.input('a', [1], 'bool'), g.input('b', [1], 'bool')];
    const x = g.input('x', [100]);
    const gates = g.one('and', [a, g.one('not', [b], {})], {});
    const y = g.region({ gates, backwardGates: gates, gateIndex: 0 }, [x], (body, [inner]) =>
      body.neg(defined(inner)),
    );
    const graph = g.build([{ name: 'y', value: y }]);
    const bytes = (first: number, second: number) =>
      liveBytes(
        graph,
        new Map([
          [a, [first]],
          [b, [second]],
        ]),
      );
    expect(bytes(1, 0)).toBe(4 * 200);
    expect(bytes(1, 1)).toBe(4 * 100);
    expect(bytes(0, 0)).toBe(4 * 100);
  });

  it('takes symbolic dimensions for what they stand for, or for 1', () => {
    const g = new Builder();
    const x = g.input('x', ['rows', 100]);
    const graph = g.build([{ name: 'y', value: g.neg(x) }]);
    expect(liveBytes(graph, new Map())).toBe(4 * 200);
    expect(liveBytes(graph, new Map(), new Map([['rows', 7]]))).toBe(4 * 1400);
  });
});

describe('savedBytes', () => {
  it('counts what the backward pass reads of the forward pass, once, without inputs and parameters', () => {
    const g = new Builder();
    const [x, w] = [g.input('x', [10, 10]), g.input('w', [10, 10])];
    const product = g.matMul(x, w);
    const y = g.relu(product);
    const square = g.mul(g.reshape(y, [100]), g.reshape(y, [100]));
    const loss = g.reduceSum(square, [0]);
    const [dw] = differentiate(g, loss, [w]);
    const graph = g.build([
      { name: 'loss', value: loss },
      { name: 'dw', value: defined(dw) },
    ]);
    // Of the product nothing is read: a ReLU is undone by its result, which is seen in two shapes.
    expect(savedBytes(graph, 'loss')).toBe(4 * 100);
    expect(savedBytes(graph, 'nothing')).toBe(0);
  });
});
