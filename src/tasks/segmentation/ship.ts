// What a trained segmentation is shipped as: the ONNX model, its weights under PyTorch's names, which class it takes for which, and
// what it makes of a few test pictures.
import { lowerModel } from '../../../exporters/onnx.js';
import { encodeSafetensors } from '../../../graphs/safetensors.js';
import { vectorIn } from '../../engines/transfer.js';
import { type SegmentationModel, segmentationInference } from '../../networks/deeplab/inference.js';
import { bindWeights } from '../../networks/inference-graph.js';
import { metadataOf } from '../../networks/metadata.js';
import { stateNames } from '../../networks/step.js';
import { runFiles } from '../../runs/run-store.js';
import { confusionFile, confusionOf, printConfusion } from '../confusion.js';
import type { Shipped, Trained } from '../training-problem.js';
import type { SegmentationData } from './data.js';
import { backgroundIou } from './mean-iou.js';
import { confusionReport, floorFigure, meanIouMetric } from './measures.js';
import { printSamples, type Sample, samplesFile } from './samples.js';

export interface SegmentationOrigin {
  readonly seed: number;
  readonly data: SegmentationData;
  readonly toolVersion: string;
  readonly samples: readonly Sample[];
  /** What the result is of, in words: what was learnt from, and what the weights began with. */
  readonly notes: Readonly<Record<string, string>>;
}

/** `arrays` are the flat vectors of a state. @throws GenonnxError `file-corrupt` where one of them is missing. */
export function shipSegmentation(
  architecture: Omit<SegmentationModel, 'name' | 'batch'>,
  { arrays, test, totals }: Trained,
  { seed, data, toolVersion, samples, notes }: SegmentationOrigin,
): Shipped {
  const network: SegmentationModel = { ...architecture, name: 'deeplab', batch: 'batch' };
  const inference = segmentationInference(network);
  const { weights, parameters, cost } = inference;
  const vectors = {
    trainable: vectorIn(arrays, stateNames.parameters),
    fixed: vectorIn(arrays, stateNames.statistics),
  };
  const values = weights.map(({ offset, size, trainable }) =>
    (trainable ? vectors.trainable : vectors.fixed).slice(offset, offset + size),
  );
  const reached = test[meanIouMetric.name];
  const metadata = metadataOf({
    network,
    toolVersion,
    seed,
    dataset: data.name,
    classes: data.classes,
    palette: data.palette,
    normalisation: data.normalisation,
    ...(reached === undefined ? {} : { scores: { [meanIouMetric.name]: reached } }),
    cost: { parameters, macs: cost.macs },
  });
  const confusion = totals.get(confusionReport) ?? new Float64Array(data.classes.length ** 2);
  return {
    files: [
      { name: runFiles.model, data: lowerModel(bindWeights(inference, values), { metadata }).bytes },
      {
        name: runFiles.weights,
        data: encodeSafetensors(
          weights.map(({ name, shape }, i) => [
            name,
            { dtype: 'F32', shape, data: values[i] ?? new Float32Array(0) },
          ]),
        ),
      },
      { name: confusionFile, data: printConfusion(confusionOf(data.classes, confusion)) },
      { name: samplesFile, data: printSamples(samples) },
    ],
    figures: { parameters, macs: cost.macs, [floorFigure]: backgroundIou(confusion) },
    notes,
  };
}
