// What a backward pass needs of the forward pass: given, calculated again, or saved.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Builder } from '../../graphs/builder.js';
import { interpret } from '../../graphs/interpret/interpret.js';
import type { Value } from '../../graphs/ir.js';
import { cheapMaps, cheapMapsInBodies, partition, savedAsCopies } from '../../graphs/partition.js';
import { defined, expectClose, random } from '../support/tensors.js';

const nothing = (): boolean => false;

describe('a value of the forward pass', () => {
  it('is saved where it is calculated', () => {
    const g = new Builder();
    const x = g.input('x', [2, 3]);
    const [negated, sum] = [g.neg(x), g.add(x, x)];
    const { inputs, repeated, saved } = partition(
      g.nodes,
      [sum, negated, sum],
      (value) => value === x,
      cheapMapsInBodies,
    );
    expect(saved).toEqual([sum, negated]);
    expect(inputs).toEqual([sum, negated]);
    expect(repeated).toEqual([]);
  });

  it('is calculated again where it is a cut of what is given, which is taken in instead', () => {
    const g = new Builder();
    const flat = g.input('flat', [5]);
    const [first, second] = g.split(flat, 0, [2, 3]).map(defined);
    const row = g.reshape(defined(second), [1, 3]);
    const column = g.one('transpose', [row], { permutation: [1, 0] });
    const constant = g.constant([7], [1]);
    const needed = [column, constant, defined(first)];
    const { inputs, repeated, saved } = partition(
      g.nodes,
      needed,
      (value) => value === flat,
      cheapMapsInBodies,
    );
    expect(inputs).toEqual([flat]);
    expect(saved).toEqual([]);
    expect(repeated.map(({ op }) => op)).toEqual(['split', 'reshape', 'transpose', 'constant']);
  });

  it('is saved itself where it is a cut of what is calculated', () => {
    const g = new Builder();
    const x = g.input('x', [4]);
    const [half] = g.split(g.neg(x), 0, [1, 3]);
    const { saved, repeated } = partition(
      g.nodes,
      [defined(half)],
      (value) => value === x,
      cheapMapsInBodies,
    );
    expect(saved).toEqual([half]);
    expect(repeated).toEqual([]);
  });

  it('is calculated again of what is kept anyway, where results that are kept are copies', () => {
    const g = new Builder();
    const x = g.input('x', [4]);
    const [gate, other] = [g.sigmoid(x), g.tanh(x)];
    const [product, sum] = [g.mul(gate, x), g.add(other, x)];
    const { saved, repeated } = partition(
      g.nodes,
      [gate, product, sum],
      (value) => value === x,
      savedAsCopies,
    );
    expect(repeated.map(({ op }) => op)).toEqual(['mul']);
    expect(saved).toEqual([gate, sum]);
  });

  it('is calculated again where it is a map that takes little time, of what is left', () => {
    const g = new Builder();
    const x = g.input('x', [2, 4, 5, 5]);
    const [depthwise, pointwise] = [g.input('depthwise', [4, 1, 3, 3]), g.input('pointwise', [4, 4, 1, 1])];
    const rectified = g.relu(x);
    const each = g.conv2d(rectified, depthwise, { padding: 1, groups: 4 });
    const mixed = g.conv2d(each, pointwise, {});
    const norm = { epsilon: 1e-5, affine: 'none' } as const;
    const [normal, mean, , inverseStd] = g.apply('batchNorm', [mixed], norm).map(defined);
    const again = g.relu(defined(normal));
    const needed = [again, mixed, defined(mean), defined(inverseStd), each];
    const given = [x, depthwise, pointwise];
    const parts = partition(g.nodes, needed, (value) => given.includes(value), cheapMaps);
    expect(parts.repeated.map(({ op }) => op)).toEqual(['batchNormApply', 'relu', 'relu', 'conv2d']);
    expect(parts.saved).toEqual([mixed, mean, inverseStd]);
    // Without the statistics, or with a convolution that mixes channels, there is nothing to start from.
    const few = partition(g.nodes, [again, mixed], (value) => given.includes(value), cheapMaps);
    expect(few.saved).toEqual([again, mixed]);
    const one = new Builder();
    const picture = one.input('picture', [2, 1, 5, 5]);
    const stem = one.conv2d(picture, one.input('stem', [1, 1, 3, 3]), { padding: 1 });
    expect(partition(one.nodes, [stem], () => false, cheapMaps).saved).toEqual([stem]);
  });

  it('is neither where it is given, whatever yields it', () => {
    const g = new Builder();
    const y = g.neg(g.input('x', [4]));
    const cut = g.reshape(y, [2, 2]);
    const { inputs, saved, repeated } = partition(g.nodes, [y, cut], () => true, cheapMapsInBodies);
    expect(inputs).toEqual([y, cut]);
    expect(saved).toEqual([]);
    expect(repeated).toEqual([]);
  });
});

describe('a value of the backward pass', () => {
  it('is its own', () => {
    const g = new Builder();
    const x = g.input('x', [4]);
    const own = new Builder().neg(x);
    expect(partition(g.nodes, [own, x], nothing, cheapMapsInBodies)).toEqual({
      inputs: [],
      repeated: [],
      saved: [],
    });
  });
});

/** A chain of operations on two inputs of 4 elements, each reading any earlier value. */
const passes = fc.record({
  steps: fc.array(
    fc.record({
      kind: fc.constantFrom('neg', 'mul', 'slices', 'reverse'),
      left: fc.nat(30),
      right: fc.nat(30),
    }),
    { minLength: 1, maxLength: 14 },
  ),
  needed: fc.array(fc.nat(30), { minLength: 1, maxLength: 5 }),
});

describe('any forward pass', () => {
  it('has all that is needed: what is taken in and calculated again is what it was', () => {
    fc.assert(
      fc.property(passes, ({ steps, needed }) => {
        const g = new Builder();
        const given = [g.input('a', [4]), g.input('b', [4])];
        const values: Value[] = [...given];
        const at = (index: number): Value => defined(values[index % values.length]);
        for (const { kind, left, right } of steps) {
          if (kind === 'neg') values.push(g.neg(at(left)));
          else if (kind === 'mul') values.push(g.mul(at(left), at(right)));
          else if (kind === 'reverse') values.push(g.reshape(g.reshape(at(left), [2, 2]), [4]));
          else values.push(g.concat(g.split(at(left), 0, [1, 3]).toReversed(), 0));
        }
        // Pieces and matrices too.
        values.push(...g.nodes.flatMap(({ outputs }) => outputs));
        const wanted = needed.map(at);
        const { inputs, repeated, saved } = partition(
          g.nodes,
          wanted,
          (value) => given.includes(value),
          cheapMapsInBodies,
        );

        const everything = [...new Set([...inputs, ...wanted])];
        const outputs = everything.map((value, i) => ({ name: `value${i}`, value }));
        const before = interpret(g.build(outputs), { a: random([4], 1), b: random([4], 2) });
        const feeds = new Map(
          inputs.map((value) => [value, defined(before[`value${everything.indexOf(value)}`])]),
        );
        const after = interpret({ inputs, nodes: repeated, outputs }, feeds);
        for (const { name } of outputs) expectClose(after[name], defined(before[name]));

        expect(inputs.filter((value) => !given.includes(value))).toEqual(saved);
        expect(new Set(inputs).size).toBe(inputs.length);
        expect(new Set(repeated).size).toBe(repeated.length);
        const read = new Set([...wanted, ...repeated.flatMap((node) => node.inputs)]);
        for (const value of inputs) expect(read).toContain(value);
      }),
    );
  });
});
