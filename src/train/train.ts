// The training of a derived network: the CIFAR recipe with every part optional. The best state by accuracy on held-out
// training images is kept beside the last; the test images are read once, at the end.
import { z } from 'zod';
import type { Dataset } from '../../datasets/dataset.js';
import { type BatchOptions, batchExtent, evaluationBatches, trainingBatches } from '../data/batches.js';
import { measureNormalisation } from '../data/normalise.js';
import { splitIndices } from '../data/split.js';
import { prepareChecked } from '../engines/checked.js';
import type { Engine, Feeds } from '../engines/engine.js';
import { GenonnxError } from '../errors.js';
import { type ChildNetwork, childEvaluation, childStep } from '../networks/child-programs.js';
import { droppedPathCount } from '../networks/drop-path.js';
import { initialState } from '../networks/initial-state.js';
import { type NetworkState, stateLayout, stateNames } from '../networks/step.js';
import { cosine } from '../optimizers/schedule.js';
import { openStream, type RandomStream } from '../random.js';
import { type Arrays, batchSourceSchema, type Snapshot, streamSchema } from '../runs/snapshot.js';
import { batchFeeds, Meter, rateFeed, runStep } from '../search/feeds.js';
import { parseGenotype } from '../spaces/parse.js';
import type { TrainConfig } from './config.js';

export interface TrainEpoch {
  readonly epoch: number;
  readonly learningRate: number;
  readonly dropPath: number;
  readonly trainLoss: number;
  readonly trainAccuracy: number;
  /** On the held-out images; absent without any. */
  readonly validationLoss?: number;
  readonly validationAccuracy?: number;
  readonly seconds: number;
  readonly imagesPerSecond: number;
}

export interface TrainHooks {
  epoch(record: TrainEpoch): Promise<void>;
  /** `best` says that this state has the highest validation accuracy so far. */
  checkpoint(snapshot: Snapshot, best: boolean): Promise<void>;
  progress(done: number, note: string): void;
  stopped(): boolean;
}

export interface TrainResult {
  readonly finished: boolean;
  readonly network: ChildNetwork;
  readonly state: NetworkState;
  /** Parameters and statistics of the best state (the last one without held-out images). */
  readonly arrays: Arrays;
  readonly testLoss: number;
  readonly testAccuracy: number;
}

export const trainStateSchema = z.object({
  epoch: z.number(),
  step: z.number(),
  batches: batchSourceSchema,
  masks: streamSchema,
  sums: z.array(z.number()),
  bestAccuracy: z.number(),
});
export type TrainState = z.infer<typeof trainStateSchema>;

export interface TrainInputs {
  readonly config: TrainConfig;
  readonly dataset: Dataset;
  readonly engine: Engine;
  readonly hooks: TrainHooks;
  readonly resumed?: { readonly state: TrainState; readonly arrays: Arrays } | undefined;
  /** The best checkpoint so far, for the final test. */
  readonly best: () => Promise<Arrays | undefined>;
}

/** The network that a configuration trains on images of a data set. @throws GenonnxError for what does not fit. */
export function childNetwork(config: TrainConfig, dataset: Dataset): ChildNetwork {
  const { cells, channels, batch, auxiliary, padTo } = config;
  const extent = batchExtent(padTo === undefined ? { set: dataset.train } : { set: dataset.train, padTo });
  return {
    name: 'cifar',
    genotype: parseGenotype(config.genotype),
    cells,
    initChannels: channels,
    classes: dataset.classes.length,
    batch,
    image: { channels: dataset.train.channels, ...extent },
    auxiliary,
  };
}

export async function runTraining({
  config,
  dataset,
  engine,
  hooks,
  resumed,
  best,
}: TrainInputs): Promise<TrainResult> {
  const { seed, batch, padTo, epochs, validationShare } = config;
  const network = childNetwork(config, dataset);
  const everything = Uint32Array.from({ length: dataset.train.count }, (_, i) => i);
  const split =
    validationShare === 0
      ? { train: everything, validation: new Uint32Array(0) }
      : splitIndices(dataset.train, 1 - validationShare, openStream(seed, 'split'));
  const common = { normalisation: measureNormalisation(dataset.train), batchSize: batch };
  const padded = padTo === undefined ? common : { ...common, padTo };
  const augmentation = { cropPadding: config.cropPadding, flip: config.flip, cutout: config.cutout };
  const stream = openStream(seed, 'train-batches', resumed?.state.batches.stream);
  const batches = trainingBatches(
    { ...padded, set: dataset.train, indices: split.train, augmentation },
    stream,
    resumed?.state.batches.cursor,
  );
  const { batchesPerEpoch } = batches;
  if (batchesPerEpoch === 0) {
    throw new GenonnxError('usage', 'There are not enough images for one batch.', {
      expected: `at least ${batch}`,
      found: String(split.train.length),
      cure: 'Use a smaller --batch or a larger --limit.',
    });
  }
  const extent = { height: network.image.height, width: network.image.width };
  const feedsOf = (next: {
    images: Float32Array;
    labels: BigInt64Array;
    weights: Float32Array;
    count: number;
  }): Feeds => batchFeeds(next, network.image.channels, extent);

  const dropsPaths = config.dropPath > 0 && droppedPathCount(network.genotype, network.cells) > 0;
  const step = childStep(network, config.weights, {
    labelSmoothing: config.labelSmoothing,
    auxiliaryWeight: config.auxiliaryWeight,
    dropPath: dropsPaths,
  });
  const state = await engine.createState(stateLayout(step.state));
  const fresh = initialState(step.state, openStream(seed, 'weights'));
  const write = async (arrays: Arrays): Promise<void> => {
    for (const name of Object.values(stateNames)) {
      const data = arrays[name]?.data;
      if (data instanceof Float32Array) await state.write(name, data);
    }
  };
  const read = async (): Promise<Arrays> => {
    const arrays: Record<string, Arrays[string]> = {};
    for (const name of Object.values(stateNames)) {
      const data = await state.read(name);
      arrays[name] = { shape: [data.length], data };
    }
    return arrays;
  };
  await write(resumed?.arrays ?? asArrays(fresh));
  const training = await prepareChecked(engine, step.program, state);
  const evaluating = await engine.prepare(childEvaluation(network).program, state);
  const evaluate = async (images: BatchOptions): Promise<Meter> => {
    const meter = new Meter();
    for (const next of evaluationBatches(images)) meter.add(await evaluating.run(feedsOf(next)), next.count);
    return meter;
  };

  const masks = openStream(seed, 'masks', resumed?.state.masks);
  let epoch = resumed?.state.epoch ?? 0;
  let at = resumed?.state.step ?? 0;
  let meter = Meter.from(resumed?.state.sums ?? []);
  let bestAccuracy = resumed?.state.bestAccuracy ?? -1;
  const snapshot = async (): Promise<Snapshot> => {
    const cursor = batches.cursor();
    const position = { stream: stream.state() };
    const current: TrainState = {
      epoch,
      step: at,
      batches: cursor === undefined ? position : { ...position, cursor },
      masks: masks.state(),
      sums: meter.sums,
      bestAccuracy,
    };
    return { arrays: await read(), state: current };
  };

  let savedAt = performance.now();
  while (epoch < epochs) {
    const startedAt = performance.now();
    const first = at;
    const { learningRate: start, finalLearningRate: end } = config.weights;
    const learningRate = config.schedule === 'cosine' ? cosine(start, end, epoch, epochs) : start;
    const dropPath = (config.dropPath * epoch) / epochs;
    for (; at < batchesPerEpoch; at++) {
      const next = batches.next();
      const drops = dropsPaths ? dropMasks(network, dropPath, masks) : {};
      const feeds = { ...feedsOf(next), ...drops, ...rateFeed(learningRate) };
      const fetches = await runStep(training, feeds, `epoch ${epoch + 1}, step ${at + 1}`);
      meter.add(fetches, next.count);
      hooks.progress((epoch + (at + 1) / batchesPerEpoch) / epochs, `epoch ${epoch + 1} of ${epochs}`);
      if (
        at + 1 < batchesPerEpoch &&
        (hooks.stopped() || performance.now() - savedAt >= config.checkpointSeconds * 1000)
      ) {
        at += 1;
        await hooks.checkpoint(await snapshot(), false);
        savedAt = performance.now();
        at -= 1;
        if (hooks.stopped()) return unfinished(network, step.state, await read());
      }
    }
    const seconds = (performance.now() - startedAt) / 1000;
    const held =
      split.validation.length === 0
        ? undefined
        : await evaluate({ ...padded, set: dataset.train, indices: split.validation });
    await hooks.epoch({
      epoch: epoch + 1,
      learningRate,
      dropPath,
      trainLoss: meter.meanLoss,
      trainAccuracy: meter.accuracy,
      ...(held === undefined ? {} : { validationLoss: held.meanLoss, validationAccuracy: held.accuracy }),
      seconds,
      imagesPerSecond: ((at - first) * batch) / seconds,
    });
    const isBest = held === undefined || held.accuracy > bestAccuracy;
    if (held !== undefined && isBest) bestAccuracy = held.accuracy;
    epoch += 1;
    at = 0;
    meter = new Meter();
    await hooks.checkpoint(await snapshot(), isBest);
    savedAt = performance.now();
    if (hooks.stopped() && epoch < epochs) return unfinished(network, step.state, await read());
  }

  const last = await read();
  const arrays = (await best()) ?? last;
  await write(arrays);
  const all = Uint32Array.from({ length: dataset.test.count }, (_, i) => i);
  const test = await evaluate({ ...padded, set: dataset.test, indices: all });
  return {
    finished: true,
    network,
    state: step.state,
    arrays,
    testLoss: test.meanLoss,
    testAccuracy: test.accuracy,
  };
}

function unfinished(network: ChildNetwork, state: NetworkState, arrays: Arrays): TrainResult {
  return { finished: false, network, state, arrays, testLoss: Number.NaN, testAccuracy: Number.NaN };
}

function asArrays({
  parameters,
  statistics,
}: {
  parameters: Float32Array;
  statistics: Float32Array;
}): Arrays {
  return {
    [stateNames.parameters]: { shape: [parameters.length], data: parameters },
    [stateNames.statistics]: { shape: [statistics.length], data: statistics },
  };
}

/** One mask for each path and image: 0 with the drop probability, else 1 / (1 - probability). */
function dropMasks(network: ChildNetwork, probability: number, stream: RandomStream): Feeds {
  const shape = [droppedPathCount(network.genotype, network.cells), network.batch];
  const kept = 1 / (1 - probability);
  const data = Float32Array.from({ length: (shape[0] ?? 0) * network.batch }, () =>
    stream.uniform() < probability ? 0 : kept,
  );
  return { dropMasks: { shape, data } };
}
