import { describe, expect, it } from 'vitest';
import type { Value } from '../../../graphs/ir.js';
import { absorbShifts } from '../../../graphs/passes/absorb-shifts.js';
import { type Bench, bound, expectSame, namesOf, operationsOf, withoutNumbers } from './bound-case.js';

function convolved({ g, parts: [images], weight }: Bench, name: string, bias?: Value): Value {
  return g.conv2d(images, weight(name, [5, 3, 1, 1]), bias === undefined ? {} : { bias });
}

/** Operations behind those of the bench. */
function behind(build: (bench: Bench) => Value) {
  const source = bound(build);
  const after = absorbShifts(source);
  expectSame(source, after);
  expect(operationsOf(absorbShifts(withoutNumbers(source)))).toEqual(operationsOf(after));
  expect(namesOf(absorbShifts(withoutNumbers(source)))).toEqual(namesOf(after));
  const biased = after.graph.nodes.map(({ op, inputs }) =>
    op === 'conv2d' && inputs.length === 3 ? 'biased' : op,
  );
  return biased.slice(2);
}

const shift = ({ weight }: Bench, name = 'shift'): Value => weight(name, [1, 5, 1, 1]);

describe('absorbShifts', () => {
  it('makes a bias of what is added to a convolution, on either side', () => {
    expect(behind((bench) => bench.g.add(convolved(bench, 'w'), shift(bench)))).toEqual(['biased']);
    expect(behind((bench) => bench.g.add(shift(bench), convolved(bench, 'w')))).toEqual(['biased']);
  });

  it('goes into the first convolution of a sum that has no bias yet', () => {
    expect(
      behind((bench) => {
        const sum = bench.g.add(convolved(bench, 'v'), convolved(bench, 'w'));
        return ['first', 'second', 'third'].reduce((x, name) => bench.g.add(x, shift(bench, name)), sum);
      }),
    ).toEqual(['biased', 'biased', 'add', 'add']);
  });

  it('leaves what others read, and what has a bias', () => {
    expect(
      behind((bench) => {
        const y = convolved(bench, 'w');
        return bench.g.mul(bench.g.add(y, shift(bench)), y);
      }),
    ).toEqual(['conv2d', 'add', 'mul']);
    expect(
      behind((bench) => {
        const y = convolved(bench, 'v');
        return bench.g.mul(
          bench.g.add(bench.g.add(y, convolved(bench, 'w', bench.weight('b', [5]))), shift(bench)),
          y,
        );
      }),
    ).toEqual(['conv2d', 'biased', 'add', 'add', 'mul']);
  });

  it('leaves what is added to every pixel, to a part of the channels, or not known', () => {
    expect(behind((bench) => bench.g.add(convolved(bench, 'w'), bench.weight('map', [1, 5, 5, 4])))).toEqual([
      'conv2d',
      'add',
    ]);
    expect(behind((bench) => bench.g.add(convolved(bench, 'w'), bench.weight('one', [1, 1, 1, 1])))).toEqual([
      'conv2d',
      'add',
    ]);
    expect(behind((bench) => bench.g.add(bench.g.relu(convolved(bench, 'w')), shift(bench)))).toEqual([
      'conv2d',
      'relu',
      'add',
    ]);
  });
});
