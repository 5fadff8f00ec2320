// The receipt of a file of results in words: names and values, of the device, of the runtime, and of all that the
// measurements have in common.
import { bytes, compact, none } from '../../report/format.js';
import { METRICS } from '../../tasks/tasks.js';
import type { ModelReceipt } from '../receipt.js';
import type { BenchResults, Measurement } from '../results.js';
import { facetsOf, groupName, modelNames, threadsText } from './labels.js';
import { counted, digits, gibibytes } from './numbers.js';

export type Entry = readonly [name: string, value: string];

/** Of what is listed more than once (GPUs, models, rooflines), the value has a line each. */
export function receiptEntries(results: BenchResults): Entry[] {
  const { device, measurements, tool, measuredAt } = results;
  const { processor } = device;
  const shared = facetsOf(measurements).flatMap(({ name, values, varies }) =>
    varies || name === 'runtime' || name === 'model' || values[0] === none ? [] : [`${name} ${values[0]}`],
  );
  return [
    ['measured', `${measuredAt} by ${tool}`],
    ['platform', device.platform],
    [
      'processor',
      `${processor.model}, ${counted(processor.cores, 'core')}, ${processor.availableCores} available`,
    ],
    ['kernel flags', flagsText(processor.flags)],
    ['memory', gibibytes(device.memoryBytes)],
    ['GPU', gpuText(results)],
    ['runtime', runtimesText(measurements)],
    ...(shared.length === 0 ? [] : [['settings', shared.join(', ')] as const]),
    ['roofline', rooflinesText(measurements)],
    ['effort', effortText(measurements)],
    [new Set(measurements.map(modelKey)).size === 1 ? 'model' : 'models', modelsText(measurements)],
  ];
}

function flagsText(flags: readonly string[] | null): string {
  if (flags === null) return 'the system does not tell';
  return flags.join(' ') || 'none';
}

function gpuText({ device }: BenchResults): string {
  const { gpus, cudaOfDriver, cudaRuntime, cudnn } = device;
  if (gpus === null || gpus.length === 0) return 'no NVIDIA GPU found';
  const found = gpus.map(({ name, driver, memoryBytes, computeCapability }) =>
    [
      name,
      memoryBytes === null ? undefined : gibibytes(memoryBytes),
      computeCapability === null ? undefined : `compute capability ${computeCapability}`,
      `driver ${driver}`,
    ]
      .filter((part) => part !== undefined)
      .join(', '),
  );
  const version = (name: string, value: string | null): string => `${name} ${value ?? 'not found'}`;
  const ofDriver = cudaOfDriver === null ? '' : ` (driver: up to ${cudaOfDriver})`;
  return [...found, `${version('CUDA', cudaRuntime)}${ofDriver}, ${version('cuDNN', cudnn)}`].join('\n');
}

function runtimesText(measurements: readonly Measurement[]): string {
  const texts = measurements.map(({ runtime }) => `${runtime.name} ${runtime.version} (${runtime.host})`);
  const several = [...new Set(texts)];
  if (several.length === 1) return several.join('');
  const byProvider = facetsOf(measurements).some(({ name, follows }) => name === 'runtime' && follows);
  return several
    .map((text) => {
      const indices = texts.flatMap((other, index) => (other === text ? [index] : []));
      const providers = new Set(indices.map((index) => measurements[index]?.execution.asked));
      return `${text}: ${byProvider ? [...providers].join(', ') : groupName(measurements, indices)}`;
    })
    .join('\n');
}

/** Peaks belong to a provider and a number of threads. */
function rooflinesText(measurements: readonly Measurement[]): string {
  const texts = measurements.flatMap(({ roofline, execution }) =>
    roofline === null
      ? []
      : [
          `${digits(roofline.peakGflops)} GFLOP/s and ${digits(roofline.peakGbytesPerSecond)} GB/s, measured here (${execution.asked}, ${threadsText(roofline.threads)})`,
        ],
  );
  if (texts.length > 0) return distinct(texts);
  return measurements.some(({ withheld }) => withheld === 'unsteady')
    ? 'left out: its measurements disagree'
    : 'not measured';
}

function effortText(measurements: readonly Measurement[]): string {
  const range = (counts: readonly number[], one: string): string => {
    const [low, high] = [Math.min(...counts), Math.max(...counts)];
    return low === high ? counted(low, one) : `${low} to ${high} ${one}s`;
  };
  const rounds = range(
    measurements.map(({ roundsMs }) => roundsMs.length),
    'round',
  );
  const runs = range(
    measurements.map(({ summary }) => summary.runs),
    'run',
  );
  return `${rounds}, ${runs} of each counted`;
}

/** One model of a file, as it was measured. */
export function modelKey({ model, variant }: Measurement): string {
  return JSON.stringify([model.path, variant, model.sha256]);
}

/** Each model once, in the order of the measurements. */
export function modelsOf(measurements: readonly Measurement[]): Measurement[] {
  return [...new Map(measurements.map((one) => [modelKey(one), one])).values()];
}

function modelsText(measurements: readonly Measurement[]): string {
  const models = modelsOf(measurements);
  const names = modelNames(models.map(({ model }) => model.path));
  const variants = new Set(models.map(({ variant }) => variant)).size;
  return models
    .map(({ model, variant }, index) => {
      const name = variants === 1 ? names[index] : `${names[index]} (${variant})`;
      return `${name}: ${modelText(model)}`;
    })
    .join('\n');
}

function modelText({ precision, opset, parameters, macs, scores, sizeBytes, sha256 }: ModelReceipt): string {
  return [
    precision,
    `opset ${opset ?? none}`,
    parameters === null ? undefined : `${compact(parameters)} parameters`,
    macs === null ? undefined : `${compact(macs)} multiply-adds`,
    ...scoreTexts(scores),
    bytes(sizeBytes),
    `sha256 ${shortHash(sha256)}`,
  ]
    .filter((part) => part !== undefined)
    .join(', ');
}

/** `accuracy 97.24 %`, for each of the scores that is a metric of a task. */
export function scoreTexts(scores: ModelReceipt['scores']): string[] {
  return METRICS.flatMap(({ name, format }) => {
    const score = scores[name];
    return score === undefined ? [] : [`${name} ${format(score)}`];
  });
}

export function shortHash(sha256: string): string {
  return sha256.slice(0, 12);
}

function distinct(lines: readonly string[]): string {
  return [...new Set(lines)].join('\n');
}
