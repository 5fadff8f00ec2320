// What the table in exporters/README.md is made of: for every part of a network a small network that has it, and for every
// target a run of that network, compared with the float64 interpreter.
import * as ort from 'onnxruntime-node';
import { lowerModel, type OnnxOptions } from '../../exporters/onnx.js';
import { type Tensor, tensor } from '../../graphs/interpret/interpret.js';
import { foldBatchNorm } from '../../graphs/passes/fold-batch-norm.js';
import {
  type ConvolutionalGenotype,
  type ConvolutionalOperation,
  PRIMITIVES,
} from '../../src/spaces/convolutional.js';
import type { GenotypeEntry } from '../../src/spaces/genotype.js';
import { zooEntry } from '../../src/spaces/zoo.js';
import {
  caseImages,
  type ExportCase,
  expectedOutputs,
  exportCase,
  type TargetOutputs,
} from './export-case.js';
import { runOrtWeb } from './runners/ort-web.js';
import { runPyTorchAll } from './runners/pytorch.js';
import { runTfjs } from './runners/tfjs.js';

export interface Part {
  readonly name: string;
  readonly model: ExportCase;
  readonly images: Tensor;
}

function cell(...entries: readonly GenotypeEntry<ConvolutionalOperation>[]) {
  return { nodes: [entries], concat: [2] };
}

/** A genotype whose normal cells, or whose reduction cells, have the primitive and its kind only. */
function genotypeWith(primitive: ConvolutionalOperation, stride: 1 | 2): ConvolutionalGenotype {
  const tested = cell({ primitive, input: 0 }, { primitive, input: 1 });
  const plain = cell({ primitive: 'max_pool_3x3', input: 0 }, { primitive: 'max_pool_3x3', input: 1 });
  return stride === 1 ? { normal: tested, reduce: plain } : { normal: plain, reduce: tested };
}

function part(name: string, model: ExportCase): Part {
  return { name, model, images: caseImages(model, 2) };
}

const { genotype: darts } = zooEntry('DARTS_V2');
const extent = (size: number) => ({ image: { channels: 3, height: size, width: size } });

/** Every primitive at both strides, and what networks have beside their cells. */
export const parts: readonly Part[] = [
  ...PRIMITIVES.filter((name) => name !== 'none').flatMap((primitive) =>
    ([1, 2] as const).map((stride) => {
      const name = `\`${primitive}\`, stride ${stride}`;
      return part(name, exportCase(genotypeWith(primitive, stride)));
    }),
  ),
  part('CIFAR stem, preprocessing, classifier', exportCase(darts)),
  part('CIFAR auxiliary head', exportCase(darts, { ...extent(32), auxiliary: true })),
  part('ImageNet stem', exportCase(darts, { ...extent(32), name: 'imagenet' })),
  part(
    'ImageNet auxiliary head',
    exportCase(darts, { ...extent(224), name: 'imagenet', auxiliary: true, initChannels: 2 }),
  ),
  part(
    'one image channel, 13 classes',
    exportCase(darts, { image: { channels: 1, height: 16, width: 24 }, classes: 13 }),
  ),
];

export interface TargetProof {
  readonly name: string;
  /** Of the table: targets of one column are proved together. */
  readonly column: string;
  /** Largest departure that counts as proved, relative to an output's largest value. */
  readonly tolerance: number;
  /** Outputs that the target leaves out. */
  readonly leavesOut?: readonly string[];
  readonly run: (parts: readonly Part[]) => Promise<readonly TargetOutputs[]>;
}

export const provenTargets: readonly TargetProof[] = [
  ...[17, 18, 19, 20, 21].map((opset) =>
    onnx(`onnx, opset ${opset}`, 'onnx, opset 17 to 21', 1e-4, { opset }),
  ),
  onnx('onnx, folded', 'onnx, folded', 1e-5, {}, true),
  onnx('onnx, float16', 'onnx, float16', 2e-2, { precision: 'float16' }),
  {
    name: 'ort-web',
    column: 'ort-web',
    tolerance: 1e-4,
    leavesOut: ['auxiliaryLogits'],
    run: oneByOne(runOrtWeb),
  },
  { name: 'tfjs', column: 'tfjs', tolerance: 1e-4, run: oneByOne(runTfjs) },
  {
    name: 'tfjs, folded',
    column: 'tfjs, folded',
    tolerance: 1e-4,
    run: oneByOne((model, images) => runTfjs({ ...model, bound: foldBatchNorm(model.bound) }, images)),
  },
  { name: 'pytorch', column: 'pytorch', tolerance: 1e-4, run: runPyTorchAll },
];

function onnx(
  name: string,
  column: string,
  tolerance: number,
  options: Partial<OnnxOptions>,
  folded = false,
): TargetProof {
  return {
    name,
    column,
    tolerance,
    run: oneByOne(async ({ bound, metadata }, images) => {
      const { bytes } = lowerModel(folded ? foldBatchNorm(bound) : bound, { metadata, ...options });
      return await runOnNode(bytes, images);
    }),
  };
}

function oneByOne(run: (model: ExportCase, images: Tensor) => Promise<TargetOutputs>): TargetProof['run'] {
  return async (all) => {
    const outputs: TargetOutputs[] = [];
    for (const { model, images } of all) outputs.push(await run(model, images));
    return outputs;
  };
}

export async function runOnNode(bytes: Uint8Array, images: Tensor): Promise<Record<string, Tensor>> {
  const session = await ort.InferenceSession.create(bytes, { intraOpNumThreads: 1, logSeverityLevel: 3 });
  const fed = new ort.Tensor('float32', Float32Array.from(images.data), images.shape);
  const results = await session.run({ images: fed });
  await session.release();
  return Object.fromEntries(
    Object.entries(results).map(([name, { dims, data }]) => {
      if (!(data instanceof Float32Array)) throw new Error(`${name} is not float32`);
      return [name, tensor(dims, data)];
    }),
  );
}

/** The largest difference of all outputs, relative to an output's largest value; infinite where one is missing. */
export function departureOf(
  { model, images }: { readonly model: Pick<ExportCase, 'bound'>; readonly images: Tensor },
  found: Readonly<Record<string, Tensor>>,
  leavesOut: readonly string[] = [],
): number {
  let worst = 0;
  for (const [name, { data, shape }] of Object.entries(expectedOutputs(model.bound, images))) {
    if (leavesOut.includes(name)) continue;
    if (found[name]?.shape.join() !== shape.join()) return Number.POSITIVE_INFINITY;
    const largest = data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    data.forEach((value, i) => {
      worst = Math.max(worst, Math.abs(value - (found[name]?.data[i] ?? Number.NaN)) / largest);
    });
  }
  return worst;
}
