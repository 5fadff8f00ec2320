// Rows by their indices, some of them several times, and scans: forward and reversed, over several sequences, with states
// and elements that are handed out as they are.
import { Builder } from '../../../../graphs/builder.js';
import type { Graph, Value } from '../../../../graphs/ir.js';
import { random } from '../../../support/tensors.js';
import { type CaseInput, integers, type OperationCase, withType } from './case.js';

const indices = (count: number, rows: number): CaseInput =>
  withType(integers([count], 0, rows - 1, 5), 'int64');

export const gather: readonly OperationCase<'gather'>[] = [
  { name: 'rows of a table', attributes: {}, inputs: [random([4, 3]), indices(7, 4)] },
  { name: 'parts of a stack', attributes: {}, inputs: [random([3, 2, 4]), indices(2, 3)] },
];

export const gatherGrad: readonly OperationCase<'gatherGrad'>[] = [
  { name: 'rows of a table', attributes: { rows: 4 }, inputs: [random([7, 3]), indices(7, 4)] },
  { name: 'parts of a stack', attributes: { rows: 3 }, inputs: [random([2, 2, 4]), indices(2, 3)] },
];

/** A body over inputs of these shapes: states, elements, captures. */
function bodyOf(
  shapes: readonly (readonly number[])[],
  build: (g: Builder, ...inputs: Value[]) => readonly Value[],
): Graph {
  const g = new Builder();
  const inputs = shapes.map((shape, i) => g.input(`inner${i}`, shape));
  return g.build(build(g, ...inputs).map((value, i) => ({ name: `next${i}`, value })));
}

const [steps, rows, width] = [5, 2, 3];
const [state, sequence] = [random([rows, width]), random([steps, rows, width], 2)];
const weight = random([width, width], 3);
const recurrent = bodyOf(
  [
    [rows, width],
    [rows, width],
    [width, width],
  ],
  (g, h, x, w) => {
    const next = g.tanh(g.add(g.matMul(h ?? g.scalar(0), w ?? g.scalar(0)), x ?? g.scalar(0)));
    return [next, next, h ?? next, g.reduceSum(next, [0, 1])];
  },
);
const several = bodyOf([[2], [3], [2], [3]], (g, a, b, x, y) => [
  g.add(a ?? g.scalar(0), x ?? g.scalar(0)),
  g.mul(b ?? g.scalar(0), y ?? g.scalar(0)),
  x ?? g.scalar(0),
]);

export const scan: readonly OperationCase<'scan'>[] = [
  ...[false, true].map((reversed) => ({
    name: reversed ? 'from the last to the first' : 'from the first to the last',
    attributes: { body: recurrent, states: 1, sequences: 1, reversed },
    inputs: [state, sequence, weight],
  })),
  {
    name: 'several states and sequences',
    attributes: { body: several, states: 2, sequences: 2, reversed: false },
    inputs: [random([2]), random([3], 2), random([4, 2], 3), random([4, 3], 4)],
  },
  {
    name: 'one step without a state',
    attributes: {
      body: bodyOf([[2]], (g, x) => [g.relu(x ?? g.scalar(0))]),
      states: 0,
      sequences: 1,
      reversed: true,
    },
    inputs: [random([1, 2])],
  },
];
