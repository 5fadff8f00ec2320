// Reads off one of our graphs what a page must know of it.
import { type BoundGraph, fedInputs } from '../../graphs/bound-graph.js';
import { GenonnxError } from '../../graphs/errors.js';
import { shapeText } from '../../graphs/shapes.js';
import { type ClassifierShape, requireColours, requireSingle } from './classifier-shape.js';

/** @throws GenonnxError `shape`, `channels` where the model cannot classify a picture. */
export function shapeOfGraph(model: BoundGraph): ClassifierShape {
  const [images, ...others] = fedInputs(model);
  const [batch, channels, height, width] = images?.shape ?? [];
  const isImages = images?.path === 'images' && others.length === 0 && images.shape.length === 4;
  if (!isImages || typeof channels !== 'number' || typeof height !== 'number' || typeof width !== 'number') {
    throw new GenonnxError('shape', 'The model does not take images.', {
      expected: 'one input, images f32[N, C, H, W]',
      found: fedInputs(model)
        .map(({ path, shape }) => `${path} ${shapeText(shape)}`)
        .join(', '),
    });
  }
  requireColours(channels);
  return {
    input: images.path,
    image: { channels, height, width },
    batch: requireSingle(batch),
    output: 'logits',
    classes: classCount(model),
    areProbabilities: false,
  };
}

function classCount({ graph }: BoundGraph): number {
  const logits = graph.outputs.find(({ name }) => name === 'logits')?.value;
  const classes = logits?.shape[1];
  if (logits?.shape.length === 2 && typeof classes === 'number') return classes;
  throw new GenonnxError('shape', 'The model does not classify.', {
    expected: 'an output logits f32[N, classes]',
    found: graph.outputs.map(({ name, value }) => `${name} ${shapeText(value.shape)}`).join(', '),
  });
}
