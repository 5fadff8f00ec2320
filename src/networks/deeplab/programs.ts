// The programs of a segmentation network: its training step and its evaluation, traced from one definition, sharing one state.
import { Builder } from '../../../graphs/builder.js';
import type { Value } from '../../../graphs/ir.js';
import type { Optimizer } from '../../../graphs/optimizers/optimizer.js';
import { buildStep, type Step, type TracedLoss } from '../step.js';
import { type DeeplabArchitecture, deeplab, featureExtent } from './network.js';

export interface SegmentationNetwork extends DeeplabArchitecture {
  readonly batch: number;
}

export interface SegmentationLoss {
  /** Whether features are dropped: the step then takes `dropoutMask`, f32[N, asppWidth, h, w]; see `dropoutShape`. */
  readonly dropout: boolean;
  /** Batch norms take the running statistics in training, too, and those stay as they are. */
  readonly freezeNorm: boolean;
}

/** A pixel of this label belongs to no class. */
export const ignoredLabel = 255;

/**
 * Shares of pixels in the loss, f32 as many as labels: 1 / (how many have a class), 0 for those without one. Their weighted sum
 * of losses is the mean, and 0 where no pixel has a class.
 */
export function pixelWeights(labels: ArrayLike<number>): Float32Array<ArrayBuffer> {
  const shares = Float32Array.from(labels, (label) => (label === ignoredLabel ? 0 : 1));
  const counted = shares.reduce((sum, one) => sum + one, 0);
  return counted === 0 ? shares : shares.map((one) => one / counted);
}

/** Of the mask that a training step with dropout takes. */
export function dropoutShape({
  batch,
  image,
  outputStride,
  asppWidth,
}: SegmentationNetwork): readonly [number, number, number, number] {
  const along = (extent: number): number => featureExtent(extent, outputStride);
  return [batch, asppWidth, along(image.height), along(image.width)];
}

/**
 * The cross entropy of each pixel's classes, summed by the pixels' weights. f32[].
 * @param logits f32[N,K,H,W]; `labels` i64[N,H,W], anything where the weight is 0; `weights` f32[N,H,W].
 */
export function pixelCrossEntropy(g: Builder, logits: Value, labels: Value, weights: Value): Value {
  return g.within('loss', () =>
    g.one('softmaxCrossEntropy', [logits, labels, weights], { labelSmoothing: 0 }),
  );
}

/** `images` f32[N,C,H,W], `labels` i64[N,H,W] and `weights` f32[N,H,W] to the loss, reporting `logits` where it evaluates. */
function trace(network: SegmentationNetwork, loss: SegmentationLoss | undefined): TracedLoss {
  const { batch, image } = network;
  const g = new Builder();
  const images = g.input('images', [batch, image.channels, image.height, image.width]);
  const labels = g.input('labels', [batch, image.height, image.width], 'int64');
  const weights = g.input('weights', [batch, image.height, image.width]);
  const dropoutMask = loss?.dropout ? g.input('dropoutMask', dropoutShape(network)) : undefined;
  const training = loss !== undefined && !loss.freezeNorm;
  const { logits } = deeplab(g, images, network, { training, dropoutMask });
  return {
    g,
    loss: pixelCrossEntropy(g, logits, labels, weights),
    reports: loss === undefined ? [{ name: 'logits', value: logits }] : [],
  };
}

/**
 * A step takes `images`, `labels`, `weights`, `learningRate` f32[1] and, with dropout, `dropoutMask`.
 * @throws GenonnxError as `deeplab`.
 */
export function segmentationStep(
  network: SegmentationNetwork,
  optimizer: Optimizer,
  loss: SegmentationLoss,
): Step {
  const options = { name: 'segmentation-step', optimizer, movesStatistics: !loss.freezeNorm };
  return buildStep(trace(network, loss), options);
}

/** The forward pass of a training step with its loss, which moves nothing. @throws GenonnxError as `deeplab`. */
export function segmentationForward(network: SegmentationNetwork, loss: SegmentationLoss): Step {
  return buildStep(trace(network, loss), { name: 'segmentation-forward', movesStatistics: false });
}

/** Loss and `logits` f32[N,K,H,W], with the running statistics. @throws GenonnxError as `deeplab`. */
export function segmentationEvaluation(network: SegmentationNetwork): Step {
  return buildStep(trace(network, undefined), { name: 'segmentation-evaluation', movesStatistics: false });
}
