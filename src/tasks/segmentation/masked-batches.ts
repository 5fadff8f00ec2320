// Batches of pictures and masks as the feeds of a step: f32[N,C,H,W] `images`, i64[N,H,W] `labels`, f32[N,H,W] `weights`, 1 over
// the number of pixels that have a class for each of them and 0 for the others, the mask of the head's dropout, and the labels of the
// pixels that features stand for.
import type { MaskedSet } from '../../../datasets/masks/masked-data.js';
import { type Normalisation, normalisationTable } from '../../data/normalise.js';
import {
  type CropOptions,
  drawPlace,
  type MaskedOutput,
  maskedOutput,
  renderMasked,
  wholePlace,
} from '../../data/pictures/masked-crop.js';
import type { Size } from '../../data/resize.js';
import { windowSource } from '../../data/text/window-source.js';
import type { Feeds } from '../../engines/engine.js';
import type { BatchSource, BatchSourceState, FedBatch } from '../../loop/batch-source.js';
import { madeAhead, madeInOrder } from '../../loop/made-ahead.js';
import { pixelWeights } from '../../networks/deeplab/programs.js';
import { openStream, type RandomStream } from '../../random.js';
import { type Grid, gridFeeds } from './grid.js';

/** What a step is of, once chance has decided: which pictures, and what the seed of everything else is. */
export interface DrawnStep {
  readonly pictures: Uint32Array;
  readonly seed: number;
}

/** The steps of an epoch: the pictures in a random order, and again in another one until there are enough. */
export function drawEpoch(
  pictures: Uint32Array,
  batch: number,
  steps: number,
  stream: RandomStream,
): DrawnStep[] {
  const drawn: DrawnStep[] = [];
  const perPass = Math.floor(pictures.length / batch);
  while (drawn.length < steps) {
    const order = stream.shuffle(pictures.slice());
    for (let i = 0; i < perPass && drawn.length < steps; i++)
      drawn.push({ pictures: order.slice(i * batch, (i + 1) * batch), seed: stream.integer(2 ** 32) });
  }
  return drawn;
}

/** How many batches are made ahead: reading and scaling one takes less time than a step. */
const depth = 2;

export interface MaskedForm {
  readonly set: MaskedSet;
  readonly channels: number;
  readonly normalisation: Normalisation;
  readonly batch: number;
  /** Of what a step sees. */
  readonly extent: Size;
}

export interface MaskedTraining extends MaskedForm, CropOptions {
  /** Of the pictures to learn from. */
  readonly indices: Uint32Array;
  /** Of an epoch. */
  readonly steps: number;
  readonly seed: number;
  /** By what the rate of a step differs from that of its epoch. */
  readonly rateScale: (epoch: number, step: number) => number;
  /** What a step is fed of its seed, beside pictures. */
  readonly noise: (stream: RandomStream) => Feeds;
  /** Of the features, at which a step counts what it finds. */
  readonly grid: Grid;
}

const streamName = 'train-batches';

/** Cut out and mirrored by chance, from a stream of the seed. */
export function maskedBatches(training: MaskedTraining, saved: BatchSourceState | undefined): BatchSource {
  const { indices, batch, steps, seed } = training;
  const open = (state: BatchSourceState | undefined) => {
    const stream = openStream(seed, streamName, state?.streams[streamName]);
    const source = windowSource((from) => drawEpoch(indices, batch, steps, from), stream, state?.cursor);
    return {
      draw(epoch: number) {
        const at = source.cursor()?.next ?? 0;
        const step = source.next();
        const done = (at + 1) / steps;
        return { done, made: made(training, step, { done, rateScale: training.rateScale(epoch, at) }) };
      },
      state(): BatchSourceState {
        const streams = { [streamName]: stream.state() };
        const cursor = source.cursor();
        return cursor === undefined ? { streams } : { streams, cursor };
      },
    };
  };
  return madeAhead(open, depth, saved);
}

async function made<Place>(
  { set, channels, normalisation, batch, extent, noise, grid, ...crop }: MaskedTraining,
  { pictures, seed }: DrawnStep,
  place: Place,
) {
  const table = normalisationTable(normalisation);
  const stream = openStream(seed, 'crops');
  const out = maskedOutput(batch, channels, extent);
  const masked = await Promise.all(Array.from(pictures, (index) => set.read(index)));
  masked.forEach((each, row) => {
    renderMasked(each, drawPlace(each.picture, extent, crop, stream), extent, table, out, row);
  });
  const feeds = {
    ...feedsOf(out, batch, channels, extent),
    ...gridFeeds(out.labels, batch, extent, grid),
    ...noise(openStream(seed, 'noise')),
  };
  return { feeds, examples: batch, ...place };
}

/** Pictures once, in the order of `indices`, as they are. The last batch is filled up with what has no class. */
export function maskedInOrder(
  { set, channels, normalisation, batch, extent }: MaskedForm,
  indices: Uint32Array,
): AsyncIterable<FedBatch> {
  const table = normalisationTable(normalisation);
  return madeInOrder(Math.ceil(indices.length / batch), depth, async (at) => {
    const chosen = indices.subarray(at * batch, (at + 1) * batch);
    const out = maskedOutput(batch, channels, extent);
    const masked = await Promise.all(Array.from(chosen, (index) => set.read(index)));
    masked.forEach((each, row) => {
      renderMasked(each, wholePlace(each.picture), extent, table, out, row);
    });
    return { feeds: feedsOf(out, batch, channels, extent), examples: chosen.length };
  });
}

function feedsOf(
  { images, labels }: MaskedOutput,
  batch: number,
  channels: number,
  { height, width }: Size,
): Feeds {
  const shape = [batch, height, width];
  return {
    images: { shape: [batch, channels, height, width], data: images },
    labels: { shape, data: BigInt64Array.from(labels, BigInt) },
    weights: { shape, data: pixelWeights(labels) },
  };
}
