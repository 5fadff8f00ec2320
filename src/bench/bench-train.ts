// Times one training step of a derived network, by the recipe of the papers.
import type { Layout } from '../../graphs/onnx/lower.js';
import { optimizers } from '../../graphs/optimizers/index.js';
import { childStep } from '../networks/child-programs.js';
import { droppedPathCount } from '../networks/drop-path.js';
import type { NetworkName, NetworkSizes } from '../networks/evaluation.js';
import { defaultWeights } from '../optimizers/weight-settings.js';
import type { ConvolutionalGenotype } from '../spaces/convolutional.js';
import { dropMasks } from '../tasks/classification/drop-masks.js';
import { cifarTraining } from '../tasks/classification/training-settings.js';
import type { StepTiming } from './step-timing.js';
import { noiseBatch, timeStep } from './time-step.js';

export interface BenchTrainOptions extends NetworkSizes {
  readonly name: NetworkName;
  readonly genotype: ConvolutionalGenotype;
  readonly auxiliary: boolean;
  /** Drop probability; with 0 the step takes no masks. */
  readonly dropPath: number;
  readonly batch: number;
  readonly layout: Layout;
  readonly threads: number;
  readonly runs: number;
  readonly profile: boolean;
}

/** @throws GenonnxError for networks that cannot be; `engine`. */
export function benchTrain({
  dropPath,
  layout,
  threads,
  runs,
  profile,
  ...network
}: BenchTrainOptions): Promise<StepTiming> {
  const { genotype, cells, batch, image, classes } = network;
  const paths = droppedPathCount(genotype, cells);
  const { auxiliaryWeight } = cifarTraining;
  const loss = { labelSmoothing: 0, auxiliaryWeight, dropPath: dropPath > 0 };
  return timeStep({
    layout,
    threads,
    runs,
    profile,
    trace: () => childStep(network, optimizers.sgd(defaultWeights.sgd), loss),
    feeds: (stream) => ({
      ...noiseBatch(batch, image, classes, stream),
      ...(dropPath > 0 ? dropMasks(paths, batch, dropPath, stream) : {}),
    }),
  });
}
