// The targets of `genonnx export`. Each turns an opened model into files; a target's code is only loaded by whoever asks
// for it.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import type { ExportFile } from '../../exporters/export-file.js';
import type { Precision } from '../../graphs/onnx/emitter.js';
import { type ExportSource, type GraphChanges, prepared } from '../deploy/export-source.js';
import type { Optimization } from '../deploy/optimize.js';
import { GenonnxError } from '../errors.js';
import { version } from '../version.js';

export const TARGETS = ['onnx', 'ort-web', 'tfjs', 'pytorch', 'dot', 'svg'] as const;
export type Target = (typeof TARGETS)[number];

export interface TargetOptions {
  readonly out: string;
  readonly opset?: number;
  readonly foldBatchNorm?: boolean;
  readonly optimize?: Optimization;
  readonly precision?: Precision;
  readonly externalData?: 'auto' | 'always';
  readonly webgpu: boolean;
}

export type TargetWriter = (source: ExportSource, options: TargetOptions) => Promise<readonly ExportFile[]>;

export const targets: { readonly [T in Target]: TargetWriter } = {
  onnx: async (source, options) => {
    const { toOnnx } = await import('../../exporters/onnx.js');
    const { bound, metadata, precision } = prepared(source, graphChanges(options));
    const { opset, externalData } = options;
    const { files } = toOnnx(bound, {
      fileName: basename(options.out),
      metadata,
      precision,
      ...(opset === undefined ? {} : { opset }),
      ...(externalData === undefined ? {} : { externalData }),
    });
    return files;
  },
  'ort-web': async (source, options) => {
    const { toOrtWeb, ortWebRuntimeFiles } = await import('../../exporters/ort-web.js');
    const { bound, metadata } = prepared(source, { ...graphChanges(options), precision: 'float32' });
    const providers = options.webgpu ? (['wasm', 'webgpu'] as const) : (['wasm'] as const);
    const folder = join(dirname(createRequire(import.meta.url).resolve('onnxruntime-web')));
    const runtime = await Promise.all(
      ortWebRuntimeFiles(providers).map(async (path) => ({
        path,
        content: await readFile(join(folder, path)),
      })),
    );
    return toOrtWeb(bound, { name: source.name, metadata, providers, runtime, ...source.facts });
  },
  tfjs: async (source, options) => {
    const { toTfjs } = await import('../../exporters/tfjs.js');
    const { bound, metadata } = prepared(source, { ...graphChanges(options), precision: 'float32' });
    return toTfjs(bound, { name: source.name, metadata, toolVersion: version });
  },
  pytorch: async ({ network, weights, metadata }) => {
    const { toPyTorch } = await import('../../exporters/pytorch.js');
    const tensors = [...weights()].map(([name, { shape, data }]) => ({ name, shape, data }));
    return toPyTorch({ network, genotype: network.genotype, weights: tensors, metadata });
  },
  dot: async ({ network }) => (await import('../../exporters/dot.js')).toDot(network.genotype),
  svg: async ({ network }) => await (await import('../../exporters/svg.js')).toSvg(network.genotype),
};

/** Options that only some targets know. */
const knownBy: { readonly [O in keyof Omit<TargetOptions, 'out' | 'webgpu'>]-?: readonly Target[] } = {
  opset: ['onnx'],
  precision: ['onnx'],
  externalData: ['onnx'],
  foldBatchNorm: ['onnx', 'ort-web', 'tfjs'],
  optimize: ['onnx', 'ort-web', 'tfjs'],
};

/** @throws GenonnxError `usage` for an option that the target does not know. */
export function requireKnownOptions(target: Target, options: TargetOptions): void {
  const names = {
    opset: 'opset',
    precision: 'precision',
    externalData: 'external-data',
    foldBatchNorm: 'fold-batch-norm',
    optimize: 'optimize',
  };
  for (const option of ['opset', 'precision', 'externalData', 'foldBatchNorm', 'optimize'] as const) {
    if (options[option] === undefined || knownBy[option].includes(target)) continue;
    throw new GenonnxError('usage', `--${names[option]} means nothing to this target.`, {
      expected: `--to ${knownBy[option].join(', ')}`,
      found: `--to ${target}`,
      cure: `Leave --${names[option]} out.`,
    });
  }
}

function graphChanges({ foldBatchNorm = false, optimize, precision }: TargetOptions): GraphChanges {
  const optimization = optimize ?? (foldBatchNorm ? 'fold' : undefined);
  return {
    ...(optimization === undefined ? {} : { optimization }),
    ...(precision === undefined ? {} : { precision }),
  };
}
