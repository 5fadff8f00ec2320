// The training of a segmentation: DeepLab's recipe with every part optional.
import type { MaskedSet } from '../../../datasets/masks/masked-data.js';
import type { Size } from '../../data/resize.js';
import { GenonnxError } from '../../errors.js';
import {
  dropoutShape,
  type SegmentationNetwork,
  segmentationEvaluation,
  segmentationStep,
} from '../../networks/deeplab/programs.js';
import { rateAt } from '../../optimizers/schedule.js';
import { openStream } from '../../random.js';
import { parseGenotype } from '../../spaces/parse.js';
import type { TrainingNetworks, TrainingProblem } from '../training-problem.js';
import { withBackbone } from './backbone.js';
import type { SegmentationData } from './data.js';
import { dropoutMask } from './dropout.js';
import { maskedBatches, maskedInOrder } from './masked-batches.js';
import { segmentationMeasures } from './measures.js';
import { requireSteps } from './resolve-training.js';
import { SampleCollector } from './samples.js';
import { shipSegmentation } from './ship.js';
import type { SegmentationTrainingConfig } from './training-settings.js';

/** The network that a configuration trains on pictures of an extent. @throws as `parseGenotype`. */
export function segmentationNetwork(
  config: SegmentationTrainingConfig,
  { classes, channels }: Pick<SegmentationData, 'classes' | 'channels'>,
  { height, width }: Size,
  batch: number,
): SegmentationNetwork {
  const { cells, channels: initChannels, outputStride, asppWidth, rates, alignment } = config;
  return {
    genotype: parseGenotype(config.genotype),
    cells,
    initChannels,
    classes: classes.length,
    image: { channels, height, width },
    outputStride,
    asppWidth,
    rates,
    alignment,
    batch,
  };
}

/** What evaluations see: no less than the crop, and the largest picture whole. */
export function evaluationExtent(
  { augmentation: { size } }: Pick<SegmentationTrainingConfig, 'augmentation'>,
  data: SegmentationData,
): Size {
  const sides = [data.train, data.test].map(({ largest }) => largest);
  return {
    height: Math.max(size, ...sides.map(({ height }) => height)),
    width: Math.max(size, ...sides.map(({ width }) => width)),
  };
}

/** What is trained, without the pictures that it is trained on. @throws as `parseGenotype` and `deeplab`. */
export function segmentationNetworks(
  config: SegmentationTrainingConfig,
  data: SegmentationData,
): TrainingNetworks {
  const { augmentation, batch, dropout, freezeNorm } = config;
  const training = segmentationNetwork(config, data, square(augmentation.size), batch);
  const extent = evaluationExtent(config, data);
  const evaluated = segmentationNetwork(config, data, extent, evaluationBatch(config, extent));
  return {
    step: (optimizer) =>
      segmentationStep(training, optimizer, { dropout: dropout > 0, freezeNorm, countsGrid: true }),
    evaluation: () => segmentationEvaluation(evaluated),
  };
}

/** Pixels of an evaluation at once: each has logits and counts of all classes. */
const mostPixels = 2 ** 19;

function evaluationBatch(
  { batch }: Pick<SegmentationTrainingConfig, 'batch'>,
  { height, width }: Size,
): number {
  return Math.max(1, Math.min(batch, Math.floor(mostPixels / (height * width))));
}

/** @throws GenonnxError `usage` for a batch or a share that leaves no pictures; `weights-mismatch` for another backbone. */
export function segmentationTraining(
  config: SegmentationTrainingConfig,
  data: SegmentationData,
  toolVersion: string,
): TrainingProblem {
  const { seed, batch, augmentation, dropout, flip } = config;
  const { channels, normalisation, train, test } = data;
  const extent = square(augmentation.size);
  const { learnt, held } = splitOf(train, config);
  const perEpoch = stepsPerEpoch(config, learnt.length);
  const networks = segmentationNetworks(config, data);
  const network = segmentationNetwork(config, data, extent, batch);
  const noise = dropoutShape(network);
  const evaluated = evaluationExtent(config, data);
  const form = { channels, normalisation, batch: evaluationBatch(config, evaluated), extent: evaluated };
  const samples = new SampleCollector(test, form);
  const { backbone } = data;
  return {
    description: `${data.name}, ${data.trainingSet}${held.length === 0 ? '' : ` (${held.length} held out)`}; ${backboneText(config)}`,
    measures: segmentationMeasures,
    batches: (saved) =>
      maskedBatches(
        {
          set: train,
          channels,
          normalisation,
          batch,
          extent,
          scales: augmentation.scales,
          flip,
          indices: learnt,
          steps: perEpoch,
          seed,
          rateScale: (epoch, step) => rateRatio(config, epoch, step / perEpoch),
          noise: (stream) => (dropout === 0 ? {} : dropoutMask(noise, dropout, stream)),
          grid: { height: noise[2], width: noise[3], alignment: config.alignment },
        },
        saved,
      ),
    validation: held.length === 0 ? undefined : maskedInOrder({ ...form, set: train }, held),
    test: maskedInOrder({ ...form, set: test }, everyIndex(test.count)),
    testExamples: test.count,
    watchTest: (index, fetches) => samples.take(index, fetches),
    ...networks,
    ...(backbone === undefined ? {} : { begin: (fresh, state) => withBackbone(fresh, state, backbone) }),
    conditions: () => ({}),
    ship: (trained) =>
      shipSegmentation({ ...network, image: { channels, ...evaluated } }, trained, {
        seed,
        data,
        toolVersion,
        samples: samples.taken(),
        notes: { 'learnt from': data.trainingSet, 'begun with': backboneText(config) },
      }),
  };
}

/** The rate at a place within an epoch, as a multiple of that at its beginning. */
function rateRatio(config: SegmentationTrainingConfig, epoch: number, within: number): number {
  const rate = rateAt(config, epoch);
  return rate === 0 ? 1 : rateAt(config, epoch + within) / rate;
}

/** What a run is to be compared with depends on this. */
export function backboneText({ backbone }: Pick<SegmentationTrainingConfig, 'backbone'>): string {
  return backbone === undefined
    ? 'fresh weights, which is another experiment than with a backbone of ImageNet'
    : `the backbone of ${backbone}`;
}

function stepsPerEpoch({ steps, epochs, batch }: SegmentationTrainingConfig, pictures: number): number {
  // A run that goes on may have more epochs than it was begun with.
  requireSteps({ epochs, ...(steps === undefined ? {} : { steps }) });
  const perPass = Math.floor(pictures / batch);
  if (perPass === 0) {
    throw new GenonnxError('usage', 'There are fewer training images than one batch holds.', {
      expected: `at least ${batch} images`,
      found: String(pictures),
      cure: 'Choose a smaller `batch` or a larger `limit`.',
    });
  }
  return steps === undefined ? perPass : steps / epochs;
}

/** Pictures to learn from, and those that are held out. @throws GenonnxError `usage` where one of them would be none. */
function splitOf(
  { count }: MaskedSet,
  { validationShare, seed }: SegmentationTrainingConfig,
): { readonly learnt: Uint32Array; readonly held: Uint32Array } {
  const order = everyIndex(count);
  if (validationShare === 0) return { learnt: order, held: new Uint32Array(0) };
  const held = Math.round(validationShare * count);
  if (held === 0 || held === count) {
    throw new GenonnxError('usage', 'The training images cannot be split this way.', {
      where: '`validationShare`',
      expected: 'a share that leaves images in both parts, or 0',
      found: `${validationShare} of ${count} images`,
      cure: 'Choose another share, or more images.',
    });
  }
  openStream(seed, 'split').shuffle(order);
  return { learnt: order.slice(held).sort(), held: order.slice(0, held).sort() };
}

function square(size: number): Size {
  return { height: size, width: size };
}

function everyIndex(count: number): Uint32Array {
  return Uint32Array.from({ length: count }, (_, i) => i);
}
