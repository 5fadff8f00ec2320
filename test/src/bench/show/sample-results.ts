// Results as a 20-cell network might give them, made up: nothing here was measured.

import type { Profile, ProfiledNode } from '../../../../src/bench/profile.js';
import { placementOf, timeBreakdown } from '../../../../src/bench/profile-summary.js';
import { cpuProvider, type ProviderName, runtimeProvider } from '../../../../src/bench/providers.js';
import { tf32Mode } from '../../../../src/bench/receipt.js';
import { asGiven, type BenchResults, type Measurement } from '../../../../src/bench/results.js';
import { achieved } from '../../../../src/bench/roofline.js';
import { summariseLatencies } from '../../../../src/bench/statistics.js';
import { openStream, type RandomStream } from '../../../../src/random.js';
import { measurementOf, resultsOf } from '../results-case.js';

export interface SampleModel {
  readonly path: string;
  readonly macs: number;
  readonly parameters: number;
  readonly scores: Readonly<Record<string, number>>;
}

export const dartsModel: SampleModel = {
  path: 'models/darts-v2-cifar.onnx',
  macs: 528_359_040,
  parameters: 3_349_342,
  scores: { accuracy: 0.9724 },
};
export const dataModel: SampleModel = {
  path: 'models/data-m7-cifar.onnx',
  macs: 516_663_936,
  parameters: 3_410_038,
  scores: { accuracy: 0.9741 },
};
export const smallModel: SampleModel = {
  path: 'runs/2026-11-20-fashion-mnist-egs-node-seed-3/model.onnx',
  macs: 61_440_000,
  parameters: 402_310,
  scores: { accuracy: 0.9455 },
};

export interface SampleCase {
  readonly model: SampleModel;
  readonly variant?: string;
  readonly provider?: ProviderName;
  readonly precision?: Measurement['model']['precision'];
  readonly batch?: number;
  readonly threads?: number;
  /** Milliseconds of an image. */
  readonly pace?: number;
  readonly fallback?: boolean;
  readonly profiled?: boolean;
  readonly rounds?: number;
}

/** Each case under the same drift. */
export function sampleResults(
  cases: readonly SampleCase[],
  changes: Partial<BenchResults> = {},
): BenchResults {
  const stream = openStream(7, 'bench');
  const drift = Array.from(
    { length: 12 },
    (_, round) => 1 + 0.02 * stream.normal() + (round === 8 ? 0.06 : 0),
  );
  return resultsOf(
    cases.map((one) => measured(one, drift, stream)),
    changes,
  );
}

/** Nothing but a processor. */
export const noGpu: Partial<BenchResults> = {
  device: {
    platform: 'linux x64',
    processor: {
      model: 'Intel(R) Xeon(R) Platinum 8481C CPU @ 2.70GHz',
      flags: ['sse4_2', 'avx', 'f16c', 'fma', 'avx2', 'avx512f', 'avx512_vnni', 'avx512_bf16', 'amx_tile'],
      cores: 8,
      availableCores: 4,
    },
    memoryBytes: 33_567_891_456,
    gpus: null,
    cudaOfDriver: null,
    cudaRuntime: null,
    cudnn: null,
  },
};

/** Six graph options of one model on one processor. */
export function sixVariants(): BenchResults {
  const variants: [string, number][] = [
    [asGiven, 8.1],
    ['folded', 7.4],
    ['folded, one relu', 6.9],
    ['folded, padded', 7.0],
    ['folded, float16', 9.6],
    ['folded, int8', 4.4],
  ];
  return sampleResults(
    variants.map(([variant, pace]) => ({
      model: dartsModel,
      variant,
      pace,
      precision: variant.endsWith('int8') ? 'int8' : variant.endsWith('float16') ? 'float16' : 'float32',
    })),
    noGpu,
  );
}

/** Three models, four providers and two batches. */
export function twentyFour({ fallback = false } = {}): BenchResults {
  const models = [dartsModel, dataModel, smallModel];
  const providers: [ProviderName, number][] = [
    ['cpu', 8.1],
    ['cuda', 0.9],
    ['tensorrt', 0.52],
    ['web-wasm', 21],
  ];
  return sampleResults(
    [1, 64].flatMap((batch) =>
      models.flatMap((model) =>
        providers.map(([provider, pace]) => ({
          model,
          provider,
          batch,
          pace: (pace * (0.2 + model.macs / 6e8) * (batch === 1 ? 1 : 0.6)) / (batch === 1 ? 1 : 1),
          fallback: fallback && provider === 'cuda',
          profiled: provider !== 'web-wasm',
        })),
      ),
    ),
  );
}

function measured(
  {
    model,
    variant = asGiven,
    provider = 'cpu',
    precision = 'float32',
    batch = 1,
    threads = 2,
    pace = 8,
    fallback = false,
    profiled = true,
    rounds = 12,
  }: SampleCase,
  drift: readonly number[],
  stream: RandomStream,
): Measurement {
  const roundsMs = Array.from({ length: rounds }, (_, round) =>
    Array.from(
      { length: 9 },
      () => pace * batch * (drift[round % drift.length] ?? 1) * (1 + 0.03 * Math.abs(stream.normal())),
    ),
  );
  const summary = summariseLatencies(roundsMs.flat(), batch);
  const roofline =
    provider === 'web-wasm' || provider === 'web-webgpu'
      ? null
      : provider === 'cpu'
        ? { peakGflops: 212, peakGbytesPerSecond: 19.4, threads }
        : { peakGflops: 48_900, peakGbytesPerSecond: 2710, threads };
  const profile = profiled ? profileOf(provider, summary.medianMs, fallback, variant, stream) : undefined;
  const base = measurementOf(roundsMs);
  const work =
    roofline && achieved({ ...model, batch, latencyMs: summary.medianMs, movedBytes: 6e7 * batch }, roofline);
  return {
    ...base,
    model: {
      ...base.model,
      ...model,
      precision,
      sizeBytes: 4 * model.parameters,
      sha256: hashOf(model.path + variant),
    },
    variant,
    runtime:
      provider === 'web-wasm'
        ? { name: 'onnxruntime-web', version: '1.30.0', host: 'Chromium 149' }
        : base.runtime,
    execution: {
      ...base.execution,
      asked: provider,
      batch,
      threads,
      tf32: tf32Mode(provider, {}),
      placement: profile === undefined ? null : placementOf(profile, provider),
    },
    sessionMs: 180 + 40 * stream.uniform(),
    firstRunMs: summary.medianMs * 3,
    summary,
    peakMemoryBytes: provider === 'web-wasm' ? null : 1.9e8 + 3e6 * batch,
    roofline,
    achieved: work ?? null,
    time: profile === undefined ? null : timeBreakdown(profile),
  };
}

function hashOf(text: string): string {
  const numbers = Array.from(
    { length: 64 },
    (_, index) => (text.charCodeAt(index % text.length) * (index + 7)) % 16,
  );
  return numbers.map((digit) => digit.toString(16)).join('');
}

/** Twenty cells of eight operations, with a stem and a classifier. */
function profileOf(
  provider: ProviderName,
  latencyMs: number,
  fallback: boolean,
  variant: string,
  stream: RandomStream,
): Profile {
  const at = runtimeProvider[provider];
  const nodes: ProfiledNode[] = [];
  const add = (name: string, operator: string, weight: number, where = at): void => {
    nodes.push({
      name: `${name}/${operator}`,
      operator,
      provider: where,
      timeMs: weight * (0.9 + 0.2 * stream.uniform()),
    });
  };
  add('stem/conv', 'Conv', 2);
  const operations = [
    'sep_conv_3x3@0',
    'sep_conv_3x3@1',
    'sep_conv_5x5@0',
    'skip_connect@0',
    'max_pool_3x3@1',
    'dil_conv_3x3@2',
  ];
  for (let cell = 0; cell < 20; cell++) {
    const scale = cell < 6 ? 1.4 : cell < 13 ? 1 : 0.7;
    for (const part of ['preprocess0', 'preprocess1']) {
      add(`cells.${cell}/${part}`, 'Relu', 0.3 * scale);
      add(`cells.${cell}/${part}`, 'Conv', 1.2 * scale);
    }
    operations.forEach((operation, edge) => {
      const path = `cells.${cell}/node${edge % 4}/${edge}.${operation}`;
      if (operation.startsWith('max')) add(path, 'MaxPool', 0.5 * scale, fallback ? cpuProvider : at);
      else if (operation.startsWith('skip')) add(path, 'Identity', 0.02 * scale);
      else {
        add(path, 'Relu', 0.25 * scale);
        add(`${path}/first/depthwise`, 'Conv', 0.7 * scale);
        add(`${path}/first/pointwise`, 'Conv', 1 * scale);
        if (variant === asGiven) add(`${path}/first`, 'BatchNormalization', 0.3 * scale);
      }
      add(path.replace(/\/\d+\..*/, ''), 'Add', 0.15 * scale);
    });
    add(`cells.${cell}`, 'Concat', 0.4 * scale);
    if (fallback) {
      add('Memcpy', 'MemcpyToHost', 0.3);
      add('Memcpy', 'MemcpyFromHost', 0.3);
    }
  }
  add('pool', 'GlobalAveragePool', 0.2);
  add('classifier', 'Gemm', 0.1);
  const total = nodes.reduce((sum, { timeMs }) => sum + timeMs, 0);
  return {
    runs: 1,
    nodes: nodes.map((node) => ({ ...node, timeMs: (node.timeMs * latencyMs * 0.95) / total })),
  };
}
