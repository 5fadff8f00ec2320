// The search loop: epochs of steps (`search-steps.ts`), each with a line in the journal, and checkpoints. Everything that
// the next step depends on is in a snapshot, so that a run that continues from one takes exactly the steps that it would
// have taken.
import { z } from 'zod';
import type { Dataset } from '../../datasets/dataset.js';
import { type BatchOptions, batchExtent, trainingBatches } from '../data/batches.js';
import { measureNormalisation } from '../data/normalise.js';
import { splitIndices } from '../data/split.js';
import type { Engine } from '../engines/engine.js';
import { GenonnxError } from '../errors.js';
import type { Alphas } from '../estimators/estimator.js';
import { METHOD_TABLE } from '../estimators/methods.js';
import { skipsDominate } from '../estimators/skip-dominance.js';
import { temperatureAt } from '../estimators/temperature.js';
import type { SearchNetwork } from '../networks/search-programs.js';
import { cosine } from '../optimizers/schedule.js';
import { openStream } from '../random.js';
import { type Arrays, batchSourceSchema, type Snapshot, streamSchema } from '../runs/snapshot.js';
import { countSkips } from '../spaces/describe.js';
import type { Genotype } from '../spaces/genotype.js';
import { printGenotype } from '../spaces/print.js';
import { DARTS_SPACE } from '../spaces/search-space.js';
import { AlphaOptimizer } from './alpha-optimizer.js';
import type { SearchConfig } from './config.js';
import { evaluateChild, skipWarnings } from './derived-child.js';
import { batchFeeds, Meter } from './feeds.js';
import { penaltiesOf } from './penalties.js';
import { prepareSearch } from './programs.js';
import { type FedBatch, SearchSteps } from './search-steps.js';

export interface SearchEpoch {
  readonly epoch: number;
  readonly temperature: number;
  readonly learningRate: number;
  readonly trainLoss: number;
  readonly trainAccuracy: number;
  /** Of the supernet under sampled codes, on the images that the alphas learn from; null in a joint search, which has none. */
  readonly validationLoss: number | null;
  readonly validationAccuracy: number | null;
  /** Of the derived genotype inside the supernet, on the validation images. */
  readonly childLoss: number;
  readonly childAccuracy: number;
  readonly entropy: { readonly normal: number; readonly reduce: number };
  readonly skips: { readonly normal: number; readonly reduce: number };
  readonly genotype: string;
  readonly probabilities: { readonly normal: number[][]; readonly reduce: number[][] };
  readonly warnings: readonly string[];
  /** Of the trained child, in the unit of the budget; absent without one. */
  readonly expectedCost?: number | undefined;
  /** Times differ from run to run; everything above does not. */
  readonly seconds: number;
  readonly imagesPerSecond: number;
  /** Share of the time that the engine was not running. */
  readonly hostShare: number;
}

export interface SearchHooks {
  /** After each epoch. */
  epoch(record: SearchEpoch): Promise<void>;
  /** When the state should be written down. */
  checkpoint(snapshot: Snapshot): Promise<void>;
  /** After each step: how much of the run is done, between 0 and 1. */
  progress(done: number, note: string): void;
  /** Asked after each step; true ends the run after a checkpoint. */
  stopped(): boolean;
}

export interface SearchResult {
  readonly alphas: Alphas;
  readonly genotype: Genotype;
  readonly finished: boolean;
}

export const searchStateSchema = z.object({
  epoch: z.number(),
  step: z.number(),
  adamStep: z.number(),
  gumbel: streamSchema,
  trainBatches: batchSourceSchema,
  alphaBatches: batchSourceSchema,
  trainSums: z.array(z.number()),
  validationSums: z.array(z.number()),
  /** Whether a stopping rule has ended the search. */
  stopped: z.boolean().default(false),
});
export type SearchState = z.infer<typeof searchStateSchema>;

export interface SearchInputs {
  readonly config: SearchConfig;
  readonly dataset: Dataset;
  readonly engine: Engine;
  readonly hooks: SearchHooks;
  readonly resumed?: { readonly state: SearchState; readonly arrays: Arrays } | undefined;
}

export async function runSearch({
  config,
  dataset,
  engine,
  hooks,
  resumed,
}: SearchInputs): Promise<SearchResult> {
  const space = DARTS_SPACE;
  const { seed, batch, padTo } = config;
  const split = splitIndices(dataset.train, config.trainFraction, openStream(seed, 'split'));
  const common = { set: dataset.train, normalisation: measureNormalisation(dataset.train), batchSize: batch };
  const images: Omit<BatchOptions, 'indices'> = padTo === undefined ? common : { ...common, padTo };
  const augmentation = { cropPadding: config.cropPadding, flip: config.flip, cutout: config.cutout };
  const extent = batchExtent(images);
  const source = (name: string, indices: Uint32Array, from: SearchState['trainBatches'] | undefined) => {
    const stream = openStream(seed, name, from?.stream);
    const batches = trainingBatches({ ...images, indices, augmentation }, stream, from?.cursor);
    const state = () => {
      const cursor = batches.cursor();
      return cursor === undefined ? { stream: stream.state() } : { stream: stream.state(), cursor };
    };
    return { batches, state };
  };
  const train = source('train-batches', split.train, resumed?.state.trainBatches);
  const held = source('alpha-batches', split.validation, resumed?.state.alphaBatches);
  requireBatches(train.batches.batchesPerEpoch, held.batches.batchesPerEpoch, batch);

  const network: SearchNetwork = {
    space,
    cells: config.cells,
    initChannels: config.channels,
    classes: dataset.classes.length,
    batch,
    image: { channels: dataset.train.channels, ...extent },
  };
  const penalties = penaltiesOf(space, config, network);
  const saved =
    resumed === undefined ? undefined : { adamStep: resumed.state.adamStep, arrays: resumed.arrays };
  const alphas = new AlphaOptimizer(config, space, saved, penalties);
  // What is drawn needs no supernet.
  if (!METHOD_TABLE[config.method].learns)
    return { alphas: alphas.current(), genotype: alphas.derive(), finished: true };
  const programs = await prepareSearch(engine, network, config, resumed?.arrays);
  const gumbel = openStream(seed, 'gumbel', resumed?.state.gumbel);
  const start = resumed?.state;
  let epoch = start?.epoch ?? 0;
  let step = start?.step ?? 0;
  let stopped = start?.stopped ?? false;
  const stepsPerEpoch = train.batches.batchesPerEpoch;
  const schedule = {
    from: config.temperature.start,
    to: config.temperature.end,
    epochs: config.temperature.epochs,
  };

  const fed = (batches: typeof train.batches) => (): FedBatch => {
    const next = batches.next();
    return { count: next.count, feeds: batchFeeds(next, dataset.train.channels, extent) };
  };
  const sources = { train: fed(train.batches), held: fed(held.batches), gumbel };
  const steps = new SearchSteps(config, space, programs, alphas, sources, {
    train: Meter.from(start?.trainSums ?? []),
    validation: Meter.from(start?.validationSums ?? []),
  });
  const snapshot = async (): Promise<Snapshot> => ({
    arrays: { ...(await programs.readState()), ...alphas.arrays() },
    state: {
      epoch,
      step,
      adamStep: alphas.steps,
      gumbel: gumbel.state(),
      trainBatches: train.state(),
      alphaBatches: held.state(),
      trainSums: steps.meters.train.sums,
      validationSums: steps.meters.validation.sums,
      stopped,
    } satisfies SearchState,
  });

  let savedAt = performance.now();
  while (epoch < config.epochs && !stopped) {
    const startedAt = performance.now();
    const firstStep = step;
    steps.engineMs = 0;
    const temperature = temperatureAt(schedule, epoch);
    const learningRate = cosine(
      config.weights.learningRate,
      config.weights.finalLearningRate,
      epoch,
      config.epochs,
    );
    const learnsAlphas = epoch >= config.warmupEpochs;
    for (; step < stepsPerEpoch; step++) {
      const where = `epoch ${epoch + 1}, step ${step + 1}`;
      await steps.take({ temperature, learningRate, learnsAlphas, where });
      hooks.progress(
        (epoch + (step + 1) / stepsPerEpoch) / config.epochs,
        `epoch ${epoch + 1} of ${config.epochs}`,
      );
      if (
        step + 1 < stepsPerEpoch &&
        (hooks.stopped() || performance.now() - savedAt >= config.checkpointSeconds * 1000)
      ) {
        step += 1;
        await hooks.checkpoint(await snapshot());
        savedAt = performance.now();
        step -= 1;
        if (hooks.stopped()) return { alphas: alphas.current(), genotype: alphas.derive(), finished: false };
      }
    }
    const seconds = (performance.now() - startedAt) / 1000;
    const genotype = alphas.derive();
    const child = await evaluateChild(programs.evaluation, genotype, space, {
      images: { ...images, indices: split.validation },
      channels: dataset.train.channels,
    });
    const skips = countSkips(genotype);
    const expected = penalties.expected(alphas.current());
    stopped = config.stopOnSkips && learnsAlphas && skipsDominate(genotype);
    const { train: trained, validation } = steps.meters;
    await hooks.epoch({
      epoch: epoch + 1,
      temperature,
      learningRate,
      trainLoss: trained.meanLoss,
      trainAccuracy: trained.accuracy,
      validationLoss: config.mode === 'joint' ? null : validation.meanLoss,
      validationAccuracy: config.mode === 'joint' ? null : validation.accuracy,
      childLoss: child.meanLoss,
      childAccuracy: child.accuracy,
      ...alphas.describe(),
      skips,
      genotype: printGenotype(genotype),
      warnings: [
        ...skipWarnings(skips, genotype),
        ...(stopped ? ['the search ends here: skip connections dominate (--stop-on-skips)'] : []),
      ],
      ...(expected === undefined ? {} : { expectedCost: expected }),
      seconds,
      imagesPerSecond: ((step - firstStep) * batch) / seconds,
      hostShare: 1 - steps.engineMs / (seconds * 1000),
    });
    epoch += 1;
    step = 0;
    steps.meters = { train: new Meter(), validation: new Meter() };
    await hooks.checkpoint(await snapshot());
    savedAt = performance.now();
    if (hooks.stopped() && epoch < config.epochs && !stopped) {
      return { alphas: alphas.current(), genotype, finished: false };
    }
  }
  return { alphas: alphas.current(), genotype: alphas.derive(), finished: true };
}

function requireBatches(train: number, validation: number, batch: number): void {
  if (train > 0 && validation > 0) return;
  throw new GenonnxError('usage', 'There are not enough images for one batch of each half.', {
    expected: `at least ${batch} images for the weights and ${batch} for the alphas`,
    found: `${train} and ${validation} whole batches`,
    cure: 'Use a smaller --batch or a larger --limit.',
  });
}
