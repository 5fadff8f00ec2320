// `benchCells()`, `benchStep()` and `benchTrain()`: the latency of every part of a network, and of a training step of a supernet or
// of a genotype's network. Each is measured in a process of its own.
import process from 'node:process';
import { measureAlone } from '../bench/alone/measure-alone.js';
import type { LatencyTable } from '../bench/cells/latency-table.js';
import { makeTable } from '../bench/cells/make-table.js';
import { type CellsOptions, planCells } from '../bench/cells/plan.js';
import { collectDevice } from '../bench/machine.js';
import type { GatePattern, StepTiming } from '../bench/step-timing.js';
import type { LayoutChoice } from '../engines/choice.js';
import { GenonnxError } from '../errors.js';
import { type AskedSizes, settleSizes } from '../networks/sizes-of-weights.js';
import { type ConvolutionalGenotype, SEARCH_PRIMITIVES } from '../spaces/convolutional.js';
import { printGenotype } from '../spaces/print.js';
import { isOperation } from '../spaces/search-space.js';
import { version } from '../version.js';
import { resolveLayout } from './layout.js';
import type { Note } from './session.js';

/** How a long measurement is watched and stopped. */
export interface Measuring {
  /** How much of the work is done, between 0 and 1, and what goes on. */
  readonly onProgress?: ((done: number, note: string) => void) | undefined;
  /** Once it is aborted the measuring process ends, and the call rejects with its reason. */
  readonly signal?: AbortSignal | undefined;
}

/** Of which network, how many random genotypes, and how long. */
export interface BenchCellsOptions extends Measuring, Partial<Omit<CellsOptions, 'network'>> {
  /** Of the network; those of the papers where they are not given. */
  readonly network?: Omit<AskedSizes, 'auxiliary'>;
  /** Of the runtime. Default: 2. */
  readonly threads?: number;
  /** Rounds, each of which visits every model once. Default: 12. */
  readonly rounds?: number;
  /** Counted runs of a visit, at least. Default: 5. */
  readonly runs?: number;
  /** No further round begins after that long. Default: 240. */
  readonly seconds?: number;
}

/**
 * A latency table of every part of a network on this device, and how well its sums predict networks of random genotypes.
 * @throws GenonnxError `channels`, `image-size`, `usage` for networks that cannot be; `engine`.
 */
export async function benchCells({
  network: asked = {},
  primitives = SEARCH_PRIMITIVES.filter(isOperation),
  batch = 1,
  foldBatchNorm = true,
  genotypes = 20,
  seed = 1,
  threads = 2,
  rounds = 12,
  runs = 5,
  seconds = 240,
  ...measuring
}: BenchCellsOptions = {}): Promise<LatencyTable> {
  const { auxiliary: _, ...network } = settleSizes(asked);
  const options = { network, primitives: [...primitives], batch, foldBatchNorm, genotypes, seed };
  // What cannot be is refused here.
  const plan = planCells(options);
  const device = await collectDevice();
  const { measured } = await measureAlone(
    { kind: 'cells', plan: options, threads, rounds, runs, seconds },
    'cells',
    measuring,
  );
  return makeTable(plan, measured, {
    tool: `genonnx ${version}`,
    measuredAt: new Date().toISOString(),
    device,
    threads,
  });
}

/** How a step is run, and how often. */
interface StepRuns extends Measuring {
  /** Default: auto. */
  readonly layout?: LayoutChoice;
  /** Of the runtime. Default: 2. */
  readonly threads?: number;
  /** Counted runs. Default: 15. */
  readonly runs?: number;
  /** Whether other runs behind those say which operators take the time. Default: no. */
  readonly profile?: boolean;
  readonly onNote?: Note;
}

/** Of which supernet, under which codes, and how often. */
export interface BenchStepOptions extends StepRuns {
  /** Default: 4. */
  readonly cells?: number;
  /** Default: 8. */
  readonly channels?: number;
  /** Images a step. Default: 32. */
  readonly batch?: number;
  /** Default: 28x28x1. */
  readonly image?: { readonly height: number; readonly width: number; readonly channels: number };
  /** Which candidates run. Default: four of each node. */
  readonly gates?: GatePattern;
}

/** How long a supernet's training step takes, in the space of DARTS. @throws GenonnxError for networks that cannot be; `engine`. */
export async function benchStep({
  cells = 4,
  channels = 8,
  batch = 32,
  image = { height: 28, width: 28, channels: 1 },
  gates = { kind: 'node', draws: 4 },
  layout: choice = 'auto',
  threads = 2,
  runs = 15,
  profile = false,
  onNote,
  ...measuring
}: BenchStepOptions = {}): Promise<StepTiming> {
  const layout = await resolveLayout(choice, (text) => onNote?.(text));
  const { timing } = await measureAlone(
    { kind: 'step', cells, channels, batch, image, gates, layout, threads, runs, profile },
    'step',
    { ...measuring, environment: steadyMemory() },
  );
  return timing;
}

/** Of which network, and how often. Sizes that are left out are those of the papers. */
export interface BenchTrainOptions extends StepRuns, AskedSizes {
  readonly genotype: ConvolutionalGenotype;
  /** Drop probability; with 0 the step takes no masks. Default: 0. */
  readonly dropPath?: number;
  /** Images a step. Default: 96. */
  readonly batch?: number;
}

/** How long a training step of a genotype's network takes. @throws GenonnxError `usage`, and for networks that cannot be; `engine`. */
export async function benchTrain({
  genotype,
  dropPath = 0,
  batch = 96,
  layout: choice = 'auto',
  threads = 2,
  runs = 15,
  profile = false,
  onNote,
  onProgress,
  signal,
  ...sizes
}: BenchTrainOptions): Promise<StepTiming> {
  if (!(dropPath >= 0 && dropPath < 1)) {
    throw new GenonnxError('usage', 'This is no probability to drop paths with.', {
      where: '`dropPath`',
      expected: 'from 0 to less than 1',
      found: String(dropPath),
      cure: 'Pass for example 0.2.',
    });
  }
  const layout = await resolveLayout(choice, (text) => onNote?.(text));
  const network = { ...settleSizes(sizes), genotype: printGenotype(genotype) };
  const { timing } = await measureAlone(
    { kind: 'train', ...network, dropPath, batch, layout, threads, runs, profile },
    'train',
    { onProgress, signal, environment: steadyMemory() },
  );
  return timing;
}

/** With large pages, unless the caller has said otherwise, times vary less. */
function steadyMemory(): Record<string, string> {
  return { GLIBC_TUNABLES: process.env.GLIBC_TUNABLES ?? 'glibc.malloc.hugetlb=1' };
}
