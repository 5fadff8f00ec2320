// Two files of results compared: for every measurement that both have, the ratio of the latencies, or the reasons why there
// is none. Different devices, runtimes, threads or models make a ratio that says nothing of what changed.
import { GenonnxError } from '../errors.js';
import type { Receipt } from './receipt.js';
import { type BenchResults, type Measurement, receiptOf } from './results.js';
import { independentRatio, type Ratio } from './statistics.js';

export interface Obstacle {
  /** `processor`, `runtime version`, `model hash`. */
  readonly what: string;
  readonly before: string;
  readonly after: string;
}

export interface Comparison {
  /** Model (as it was given), variant, batch, precision, optimization level and provider, by which measurements of the two files are matched. */
  readonly model: string;
  readonly variant: string;
  readonly batch: number;
  readonly length?: number;
  readonly precision: string;
  readonly optimization: string;
  readonly provider: string;
  /** Latency after over latency before; null where there are obstacles. */
  readonly ratio: Ratio | null;
  readonly obstacles: readonly Obstacle[];
}

export interface ResultsComparison {
  readonly comparisons: readonly Comparison[];
  /** Measurements that only one of the files has, as `model, variant, batch, precision, level, provider`. */
  readonly onlyBefore: readonly string[];
  readonly onlyAfter: readonly string[];
}

/**
 * `after` against `before`: below 1, `after` is faster. The two were measured at different times, so that a machine that
 * changed in between is in the ratio. @throws GenonnxError `usage` where a file has a measurement twice.
 */
export function compareResults(before: BenchResults, after: BenchResults): ResultsComparison {
  const [earlier, later] = [byKey(before, 'before'), byKey(after, 'after')];
  const comparisons = [...later].flatMap(([key, measurement]) => {
    const reference = earlier.get(key);
    if (reference === undefined) return [];
    const obstacles = obstaclesBetween(receiptOf(before, reference), receiptOf(after, measurement));
    const { model, variant, execution, roundsMs } = measurement;
    return {
      model: model.path,
      variant,
      batch: execution.batch,
      ...(execution.length === undefined ? {} : { length: execution.length }),
      precision: model.precision,
      optimization: execution.optimization,
      provider: execution.asked,
      ratio: obstacles.length === 0 ? independentRatio(roundsMs, reference.roundsMs) : null,
      obstacles,
    };
  });
  return {
    comparisons,
    onlyBefore: [...earlier.keys()].filter((key) => !later.has(key)),
    onlyAfter: [...later.keys()].filter((key) => !earlier.has(key)),
  };
}

/** What a command refuses a comparison with; undefined where every pair may be compared. */
export function refusalOf({ comparisons }: ResultsComparison): GenonnxError | undefined {
  const cure = 'Measure both on one machine, with the same runtime, threads and model files.';
  if (comparisons.length === 0) {
    return new GenonnxError('usage', 'These results have no measurement in common.', {
      expected: 'the same model, variant, batch, precision, level and provider in both',
      cure,
    });
  }
  const reasons = comparisons.flatMap(({ obstacles }) =>
    obstacles.map(({ what, before, after }) => `${what}: ${before} before, ${after} after`),
  );
  if (reasons.length === 0) return undefined;
  return new GenonnxError('usage', 'The receipts do not allow this comparison.', {
    expected: 'measurements on the same device, of the same model, by the same runtime',
    found: [...new Set(reasons)].join('; '),
    cure,
  });
}

/** What must be alike, each as one text. Memory in whole GiB: systems keep back a little more or less of it. */
const conditions: readonly (readonly [what: string, of: (receipt: Receipt) => unknown])[] = [
  ['platform', ({ device }) => device.platform],
  ['processor', ({ device }) => device.processor.model],
  ['processor flags', ({ device }) => device.processor.flags],
  ['cores', ({ device }) => device.processor.cores],
  ['available cores', ({ device }) => device.processor.availableCores],
  ['memory in GiB', ({ device }) => Math.round(device.memoryBytes / 2 ** 30)],
  ['GPUs', ({ device }) => device.gpus?.map(({ name }) => name) ?? null],
  ['GPU driver', ({ device }) => device.gpus?.map(({ driver }) => driver) ?? null],
  ['CUDA', ({ device }) => device.cudaRuntime],
  ['cuDNN', ({ device }) => device.cudnn],
  ['runtime', ({ runtime }) => runtime.name],
  ['runtime version', ({ runtime }) => runtime.version],
  // A browser's version and its adapter; which Node drives the native runtime does not matter.
  ['browser', ({ runtime, execution }) => (isInBrowser(execution) ? runtime.host : '')],
  ['threads', ({ execution }) => execution.threads],
  ['TF32', ({ execution }) => execution.tf32],
  [
    'providers that ran',
    ({ execution }) => execution.placement?.providers.map(({ provider }) => provider).sort() ?? null,
  ],
  ['model hash', ({ model }) => model.sha256],
];

function isInBrowser({ asked }: Receipt['execution']): boolean {
  return asked.startsWith('web-');
}

/** Providers that run on what the receipt says nothing of, unless it is NVIDIA's or a browser says it. */
function isUnknownDevice({ device, execution: { asked } }: Receipt): boolean {
  return ['webgpu', 'dml', 'coreml'].includes(asked) && (device.gpus ?? []).length === 0;
}

/** Why two measurements do not compare; empty where they do. */
export function obstaclesBetween(before: Receipt, after: Receipt): Obstacle[] {
  const unknown = { what: 'the device that ran', before: 'unknown', after: 'unknown' };
  const different = conditions.flatMap(([what, of]) => {
    const [one, other] = [textOf(of(before)), textOf(of(after))];
    return one === other ? [] : [{ what, before: one, after: other }];
  });
  return isUnknownDevice(before) || isUnknownDevice(after) ? [...different, unknown] : different;
}

function textOf(value: unknown): string {
  if (value === null) return 'unknown';
  return Array.isArray(value) ? value.join(', ') || 'none' : String(value);
}

/** A file may have a measurement with several numbers of threads: then they belong to the key. */
function byKey({ measurements }: BenchResults, which: string): Map<string, Measurement> {
  const counts = new Map<string, number>();
  for (const measurement of measurements) {
    const key = keyOf(measurement);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const found = new Map<string, Measurement>();
  for (const measurement of measurements) {
    const plain = keyOf(measurement);
    const repeats = (counts.get(plain) ?? 0) > 1;
    const key = repeats ? `${plain}, ${measurement.execution.threads} threads` : plain;
    if (found.has(key)) {
      throw new GenonnxError('usage', 'A measurement is in the results twice.', {
        where: `${which}: ${key}`,
        cure: 'Measure each model, batch, precision, provider and number of threads once a file.',
      });
    }
    found.set(key, measurement);
  }
  return found;
}

function keyOf({ model, variant, execution }: Measurement): string {
  const { batch, length, optimization, asked } = execution;
  const size = length === undefined ? [batch] : [batch, `length ${length}`];
  return [model.path, variant, ...size, model.precision, optimization, asked].join(', ');
}
