// What a finished training's model takes a picture for: the picture as bytes, made ready by what the model says of its training.
import { decodeModel } from '../../graphs/onnx/model.js';
import { type DataFacts, dataFactsIn } from '../deploy/labels.js';
import type { OrtRuntime } from '../engines/ort/runtime.js';
import { GenonnxError } from '../errors.js';
import { metadataIn } from '../networks/metadata.js';
import type { RankedClass } from './calls.js';

export interface Classifier {
  /** u8[height, width], 0 being black; the likeliest class first. */
  classify(pixels: Uint8Array): Promise<RankedClass[]>;
  close(): Promise<void>;
}

/** @throws GenonnxError `model-corrupt` for bytes that are no model of ours. */
export async function openClassifier(
  ort: OrtRuntime,
  model: Uint8Array,
  { height, width }: { readonly height: number; readonly width: number },
): Promise<Classifier> {
  const where = 'model.onnx';
  const { classes, normalisation } = dataFactsIn(metadataIn(decodeModel(model, where)), where);
  if (classes === undefined || normalisation === undefined) throw silent(where);
  const session = await ort.InferenceSession.create(model, { logSeverityLevel: 3 });
  return {
    classify: async (pixels) => {
      const images = new ort.Tensor('float32', normalised(pixels, normalisation), [1, 1, height, width]);
      const { logits } = await session.run({ images });
      return ranked(Array.from(logits?.data ?? [], Number), classes);
    },
    close: () => session.release(),
  };
}

function normalised(
  pixels: Uint8Array,
  { mean: [mean = 0], standardDeviation: [deviation = 1] }: NonNullable<DataFacts['normalisation']>,
): Float32Array {
  return Float32Array.from(pixels, (pixel) => (pixel / 255 - mean) / deviation);
}

function ranked(logits: readonly number[], classes: readonly string[]): RankedClass[] {
  const most = Math.max(...logits);
  const powers = logits.map((logit) => Math.exp(logit - most));
  const sum = powers.reduce((total, power) => total + power, 0);
  return classes
    .map((label, index) => ({ label, probability: (powers[index] ?? 0) / sum }))
    .sort((a, b) => b.probability - a.probability);
}

function silent(where: string): GenonnxError {
  return new GenonnxError('model-corrupt', 'The model does not say what its classes are.', {
    where,
    expected: 'names of classes, and how pictures are normalised',
    cure: 'Train the network here.',
  });
}
