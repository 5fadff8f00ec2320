// Softmax cross entropy, of logits and of a linear layer: smoothing, examples without weight, logits far apart, pieces of rows.
import { type Tensor, tensor } from '../../../../graphs/interpret/interpret.js';
import { positive, random } from '../../../support/tensors.js';
import { integers, type OperationCase, withType } from './case.js';

const [images, classes] = [5, 4];
const labels = withType(integers([images], 0, classes - 1), 'int64');
const weights = tensor([images], [0.25, 0.5, 0, 1, 0.25]);
const logits = random([images, classes]);
const farApart: Tensor = { ...logits, data: logits.data.map((z) => 200 * z) };
const dloss = positive([]);

const settings = [
  { name: 'hard targets', attributes: { labelSmoothing: 0 }, z: logits },
  { name: 'smoothed', attributes: { labelSmoothing: 0.1 }, z: logits },
  { name: 'far apart', attributes: { labelSmoothing: 0.1 }, z: farApart },
];

/** Pixels of maps, of which some have no class, and weigh nothing. */
const maps = random([2, classes, 3, 5], 2);
const pixels = [2, 3, 5];
const pixelLabels = integers(pixels, 0, classes - 1, 3);
const pixelWeights = positive(pixels, 4);
for (const pixel of [0, 7, 29]) {
  pixelLabels.data[pixel] = 255;
  pixelWeights.data[pixel] = 0;
}
const ofPixels = [withType(pixelLabels, 'int64'), pixelWeights];
const onMaps = [
  { name: 'pixels', attributes: { labelSmoothing: 0 }, z: maps },
  { name: 'pixels, smoothed', attributes: { labelSmoothing: 0.1 }, z: maps },
  {
    name: 'pixels, far apart',
    attributes: { labelSmoothing: 0.1 },
    z: { ...maps, data: maps.data.map((z) => 200 * z) },
  },
];

export const softmaxCrossEntropy: readonly OperationCase<'softmaxCrossEntropy'>[] = [
  ...settings.map(({ name, attributes, z }) => ({ name, attributes, inputs: [z, labels, weights] })),
  ...onMaps.map(({ name, attributes, z }) => ({ name, attributes, inputs: [z, ...ofPixels] })),
];

export const softmaxCrossEntropyGrad: readonly OperationCase<'softmaxCrossEntropyGrad'>[] = [
  ...settings.map(({ name, attributes, z }) => ({ name, attributes, inputs: [z, labels, weights, dloss] })),
  ...onMaps.map(({ name, attributes, z }) => ({ name, attributes, inputs: [z, ...ofPixels, dloss] })),
];

/** More pieces than rows leave some of them empty. */
export const linearCrossEntropy: readonly OperationCase<'linearCrossEntropy'>[] = [1, 2, 4, 7].map(
  (pieces) => ({
    name: `${pieces} pieces of ${images} rows`,
    attributes: { pieces },
    inputs: [random([images, 3]), random([classes, 3], 2), random([classes], 3), labels, weights],
  }),
);
