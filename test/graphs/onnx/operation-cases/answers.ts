// Right answers and confusions: several largest logits, ties, examples without weight, labels that are no class.
import { tensor } from '../../../../graphs/interpret/interpret.js';
import { random } from '../../../support/tensors.js';
import { integers, type OperationCase, withType } from './case.js';

const [images, classes] = [5, 7];
const labels = withType(integers([images], 0, classes - 1), 'int64');
const weights = tensor([images], [0.25, 0.5, 0, 1, 0.25]);
const logits = random([images, classes]);
const ties = integers([images, classes], 0, 2, 4);
const equal = tensor([images, classes], new Array(images * classes).fill(3));

export const correctCount: readonly OperationCase<'correctCount'>[] = [1, 2, 5, 7].flatMap((top) =>
  [
    { name: 'random', z: logits },
    { name: 'ties', z: ties },
    { name: 'all equal', z: equal },
  ].map(({ name, z }) => ({
    name: `${name}, among the ${top} largest`,
    attributes: { top },
    inputs: [z, labels, weights],
  })),
);

export const confusionCount: readonly OperationCase<'confusionCount'>[] = [
  { name: 'random', attributes: {}, inputs: [logits, labels, weights] },
  { name: 'ties', attributes: {}, inputs: [ties, labels, weights] },
  { name: 'all equal', attributes: {}, inputs: [equal, labels, weights] },
  {
    name: 'labels that are no class',
    attributes: {},
    inputs: [logits, withType(tensor([images], [255, 0, 6, 255, 3]), 'int64'), weights],
  },
];
