// The programs of a segmentation network: its training step and its evaluation, traced from one definition, sharing one state.
import { Builder } from '../../../graphs/builder.js';
import type { Output, Value } from '../../../graphs/ir.js';
import type { Optimizer } from '../../../graphs/optimizers/optimizer.js';
import { elementCount, fixed, fixedShape } from '../../../graphs/shapes.js';
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
  /**
   * Whether a step reports `confusion`, f32[K,K]: of the pixels that features stand for, with `gridLabels` i64[N,h,w] and
   * `gridWeights` f32[N,h,w]. Rows of ones for every pixel would take more memory than the network.
   */
  readonly countsGrid?: boolean;
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

/** How many pixels of each class (row) got which (column): f32[K,K], of what `pixelCrossEntropy` takes. */
function pixelConfusion(g: Builder, logits: Value, labels: Value, weights: Value): Value {
  return g.within('confusion', () => g.one('confusionCount', byPixel(g, logits, labels, weights), {}));
}

/** Logits f32[pixels,K], labels and weights [pixels]. */
function byPixel(g: Builder, logits: Value, labels: Value, weights: Value): Value[] {
  const classes = fixed(logits.shape[1], 'logits');
  const pixels = elementCount(fixedShape(labels.shape, 'labels'));
  const last = g.one('transpose', [logits], { permutation: [0, 2, 3, 1] });
  return [g.reshape(last, [pixels, classes]), g.reshape(labels, [pixels]), g.reshape(weights, [pixels])];
}

/** `images` f32[N,C,H,W], `labels` i64[N,H,W] and `weights` f32[N,H,W] to the loss, reporting `logits` and `confusion` where it evaluates. */
function trace(network: SegmentationNetwork, loss: SegmentationLoss | undefined): TracedLoss {
  const { batch, image } = network;
  const g = new Builder();
  const images = g.input('images', [batch, image.channels, image.height, image.width]);
  const labels = g.input('labels', [batch, image.height, image.width], 'int64');
  const weights = g.input('weights', [batch, image.height, image.width]);
  const dropoutMask = loss?.dropout ? g.input('dropoutMask', dropoutShape(network)) : undefined;
  const training = loss !== undefined && !loss.freezeNorm;
  const { logits, low } = deeplab(g, images, network, { training, dropoutMask });
  const reports: Output[] = [];
  if (loss === undefined)
    reports.push(
      { name: 'logits', value: logits },
      { name: 'confusion', value: pixelConfusion(g, logits, labels, weights) },
    );
  else if (loss.countsGrid) {
    const [, , height = 1, width = 1] = dropoutShape(network);
    const gridLabels = g.input('gridLabels', [batch, height, width], 'int64');
    const gridWeights = g.input('gridWeights', [batch, height, width]);
    reports.push({ name: 'confusion', value: pixelConfusion(g, low, gridLabels, gridWeights) });
  }
  return { g, loss: pixelCrossEntropy(g, logits, labels, weights), reports };
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

/** Loss, `logits` f32[N,K,H,W] and `confusion` f32[K,K], with the running statistics. @throws GenonnxError as `deeplab`. */
export function segmentationEvaluation(network: SegmentationNetwork): Step {
  return buildStep(trace(network, undefined), { name: 'segmentation-evaluation', movesStatistics: false });
}
