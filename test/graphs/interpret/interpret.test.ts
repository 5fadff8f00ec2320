// The interpreter's driver: feeds, symbolic dimensions, regions, and what a caller sees of the nodes on the way.
import { describe, expect, it } from 'vitest';
import { Builder } from '../../../graphs/builder.js';
import { GenonnxError } from '../../../graphs/errors.js';
import { interpret, type Tensor, tensor } from '../../../graphs/interpret/interpret.js';
import type { Node, Value } from '../../../graphs/ir.js';
import { defined, expectClose, random } from '../../support/tensors.js';

describe('feeds', () => {
  function doubled(): { g: Builder; x: Value; build(): ReturnType<Builder['build']> } {
    const g = new Builder();
    const x = g.input('x', [2]);
    const y = g.add(x, x);
    return { g, x, build: () => g.build([{ name: 'y', value: y }]) };
  }

  it('come by path or by value', () => {
    const { x, build } = doubled();
    const point = tensor([2], [1, -3]);
    expectClose(interpret(build(), { x: point }).y, tensor([2], [2, -6]));
    expectClose(interpret(build(), new Map([[x, point]])).y, tensor([2], [2, -6]));
  });

  it('must be there', () => {
    const { build } = doubled();
    expect(() => interpret(build(), {})).toThrow(/not fed[\s\S]*x float32\[2\]/);
  });

  it('must have the shape of their input', () => {
    const { build } = doubled();
    expect(() => interpret(build(), { x: random([3]) })).toThrow(/where: +x[\s\S]*\[2\][\s\S]*\[3\]/);
    expect(() => interpret(build(), { x: random([2, 1]) })).toThrow(GenonnxError);
    expect(() => interpret(build(), { x: random([]) })).toThrow(GenonnxError);
  });

  it('tensors refuse values that do not fill their shape', () => {
    expect(() => tensor([2, 2], [1, 2, 3])).toThrow(RangeError);
  });
});

describe('symbolic dimensions', () => {
  function classifier(): ReturnType<Builder['build']> {
    const g = new Builder();
    const x = g.input('images', ['batch', 2, 4, 4]);
    const y = g.conv2d(x, g.constant(new Array(8).fill(1), [4, 2, 1, 1]));
    const pooled = g.globalAveragePool(y);
    const flat = g.reshape(g.reshape(pooled, ['batch', 2, 2]), ['batch', 4]);
    const bias = g.expand(g.constant([1, 2, 3, 4], [1, 4]), ['batch', 4]);
    return g.build([{ name: 'logits', value: g.add(flat, bias) }]);
  }

  it.each([1, 3])('take what the feeds say: a batch of %i', (batch) => {
    const images = tensor([batch, 2, 4, 4], new Array(batch * 32).fill(0.5));
    const { logits } = interpret(classifier(), { images });
    const rows = Array.from({ length: batch }, () => [2, 3, 4, 5]);
    expectClose(logits, tensor([batch, 4], rows.flat()));
  });

  it('must agree between inputs', () => {
    const g = new Builder();
    const a = g.input('a', ['batch']);
    const b = g.input('b', ['batch']);
    const graph = g.build([{ name: 'y', value: g.add(a, b) }]);
    expect(() => interpret(graph, { a: random([2]), b: random([1]) })).toThrow(/where: +b/);
  });
});

describe('regions', () => {
  /** Two regions of one body each over x, under gates 0 and 1; y is the sum. */
  function gated(): ReturnType<Builder['build']> {
    const g = new Builder();
    const x = g.input('x', [2]);
    const gates = g.input('gates', [2], 'bool');
    const region = (gateIndex: number, factor: number): Value =>
      g.region({ gates, backwardGates: gates, gateIndex }, [x], (body, [inner]) =>
        body.within(`times${factor}`, () => body.mul(defined(inner), body.scalar(factor))),
      );
    return g.build([{ name: 'y', value: g.sum([region(0, 10), region(1, 100)]) }]);
  }
  const x = tensor([2], [1, 2]);

  it.each([
    [0, 0, 0],
    [1, 0, 10],
    [0, 1, 100],
    [1, 1, 110],
  ])('gates %i and %i: the open terms', (first, second, factor) => {
    const { y } = interpret(gated(), { x, gates: tensor([2], [first, second]) });
    expectClose(y, tensor([2], [factor, 2 * factor]));
  });

  it('do not run when they are closed', () => {
    const ran: string[] = [];
    const onNode = ({ op, path }: Node): void => {
      if (op === 'mul') ran.push(path);
    };
    interpret(gated(), { x, gates: tensor([2], [0, 1]) }, { onNode });
    expect(ran).toEqual(['times100']);
  });

  it('are zero of the right size where their batch is symbolic', () => {
    const g = new Builder();
    const input = g.input('x', ['batch', 3]);
    const gates = g.constant([0], [1], 'bool');
    const y = g.region({ gates, backwardGates: gates, gateIndex: 0 }, [input], (body, [inner]) =>
      body.relu(defined(inner)),
    );
    const results = interpret(g.build([{ name: 'y', value: y }]), { x: random([2, 3]) });
    expectClose(results.y, tensor([2, 3], new Array(6).fill(0)));
  });
});

describe('nodes', () => {
  it('are reported in order, with every result', () => {
    const g = new Builder();
    const x = g.input('x', [4]);
    const [a, b] = g.split(x, 0, [1, 3]);
    const y = g.relu(defined(b));
    const seen: [string, number[][]][] = [];
    const onNode = ({ op }: Node, results: readonly Tensor[]): void => {
      seen.push([op, results.map(({ data }) => [...data])]);
    };
    const outputs = [
      { name: 'a', value: defined(a) },
      { name: 'y', value: y },
      { name: 'x', value: x },
    ];
    const results = interpret(g.build(outputs), { x: tensor([4], [1, -2, 3, -4]) }, { onNode });
    expect(seen).toEqual([
      ['split', [[1], [-2, 3, -4]]],
      ['relu', [[0, 3, 0]]],
    ]);
    expect(Object.keys(results)).toEqual(['a', 'y', 'x']);
    expectClose(results.x, tensor([4], [1, -2, 3, -4]));
  });

  it('name themselves when a graph is not in order', () => {
    const g = new Builder();
    const x = g.input('x', [1]);
    const y = g.within('late', () => g.relu(x));
    const z = g.neg(y);
    const graph = { inputs: [x], nodes: [...g.nodes].reverse(), outputs: [{ name: 'z', value: z }] };
    expect(() => interpret(graph, { x: random([1]) })).toThrow(/used before it is made[\s\S]*late/);
  });

  it('leave the feeds as they were', () => {
    const g = new Builder();
    const x = g.input('x', [2, 2]);
    const y = g.reshape(g.mul(g.reshape(x, [4]), g.scalar(2)), [2, 2]);
    const point = random([2, 2]);
    const before = Float64Array.from(point.data);
    interpret(g.build([{ name: 'y', value: g.relu(y) }]), { x: point });
    expect(point.data).toEqual(before);
  });
});
