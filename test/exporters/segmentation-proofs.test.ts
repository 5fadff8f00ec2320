// The table of segmentation networks in exporters/README.md.
import { lowerModel, type OnnxOptions } from '../../exporters/onnx.js';
import { toPyTorchSegmentation } from '../../exporters/pytorch.js';
import type { Tensor } from '../../graphs/interpret/interpret.js';
import { type Optimization, optimizeGraph } from '../../src/deploy/optimize.js';
import { type SegmentationModel, segmentationInference } from '../../src/networks/deeplab/inference.js';
import { type ConvolutionalGenotype, PRIMITIVES } from '../../src/spaces/convolutional.js';
import { caseImages, caseOf, type ExportCase } from './export-case.js';
import { type ProvenTarget, proveTable } from './proof-table.js';
import { departureOf, runOnNode } from './proofs.js';
import { runInWebAssembly } from './runners/ort-web.js';
import { runModules } from './runners/pytorch.js';
import { runTfjs } from './runners/tfjs.js';

interface Part extends Omit<ExportCase, 'network'> {
  readonly name: string;
  readonly network: SegmentationModel;
  readonly images: Tensor;
}

/** Every primitive on an input of the cell and on a node. */
const primitives = PRIMITIVES.filter((name) => name !== 'none');
const everything = {
  nodes: [
    primitives.map((primitive, i) => ({ primitive, input: i % 2 })),
    primitives.map((primitive) => ({ primitive, input: 2 })),
  ],
  concat: [2, 3],
};
const genotype: ConvolutionalGenotype = { normal: everything, reduce: everything };

function part(name: string, change: Partial<SegmentationModel>): Part {
  const network: SegmentationModel = {
    name: 'deeplab',
    genotype,
    cells: 3,
    initChannels: 4,
    classes: 5,
    image: { channels: 3, height: 41, width: 50 },
    outputStride: 16,
    asppWidth: 6,
    rates: [1, 2, 3],
    alignment: 'align-corners',
    batch: 'batch',
    ...change,
  };
  const images = caseImages({ network }, 2);
  return { name, network, images, ...caseOf(network, segmentationInference(network)) };
}

const parts: readonly Part[] = [
  part('output stride 8', { outputStride: 8 }),
  part('output stride 16', {}),
  part('output stride 32, half-pixel', { outputStride: 32, alignment: 'half-pixel' }),
  part('even maps, rates beyond them', { image: { channels: 3, height: 32, width: 64 }, rates: [6, 12, 18] }),
];

type Run = (part: Part) => Promise<Readonly<Record<string, Tensor>> | { readonly skipped: string }>;

function target(name: string, column: string, tolerance: number, run: Run): ProvenTarget {
  return {
    name,
    column,
    tolerance,
    async departures() {
      const found: number[] = [];
      for (const each of parts) {
        const outputs = await run(each);
        if ('skipped' in outputs && typeof outputs.skipped === 'string') return { skipped: outputs.skipped };
        found.push(
          'skipped' in outputs
            ? Number.POSITIVE_INFINITY
            : departureOf({ model: each, images: each.images }, outputs),
        );
      }
      return found;
    },
  };
}

function onnx(
  name: string,
  column: string,
  tolerance: number,
  options: Partial<OnnxOptions>,
  optimization: Optimization = 'none',
): ProvenTarget {
  return target(name, column, tolerance, async ({ bound, metadata, images }) =>
    runOnNode(lowerModel(optimizeGraph(bound, optimization), { metadata, ...options }).bytes, images),
  );
}

const ofOnnx = 'onnx, opset 17 to 21';

proveTable({
  mark: 'segmentation table',
  parts: parts.map(({ name }) => name),
  targets: [
    ...[17, 18, 19, 20, 21].map((opset) => onnx(`onnx, opset ${opset}`, ofOnnx, 1e-4, { opset })),
    onnx('onnx, folded', 'onnx, folded', 1e-4, {}, 'fold'),
    onnx('onnx, for processors', 'onnx, for processors', 1e-4, {}, 'cpu'),
    onnx('onnx, float16', 'onnx, float16', 2e-2, { precision: 'float16' }),
    target('ort-web', 'ort-web', 1e-4, async ({ bound, metadata, images }) => ({
      logits: await runInWebAssembly(lowerModel(bound, { metadata }).bytes, images),
    })),
    target('tfjs', 'tfjs', 1e-4, async ({ images, ...model }) => runTfjs(model, images)),
    target('tfjs, folded', 'tfjs, folded', 1e-4, async ({ images, bound, metadata }) =>
      runTfjs({ bound: optimizeGraph(bound, 'fold'), metadata }, images),
    ),
    target('pytorch', 'pytorch', 1e-4, async ({ network, inference, data, metadata, images }) => {
      const weights = inference.weights.map(({ name, shape }, i) => ({
        name,
        shape,
        data: data[i] ?? new Float32Array(0),
      }));
      const files = toPyTorchSegmentation({ network, genotype: network.genotype, weights, metadata });
      const runs = await runModules([{ files, images }]);
      if ('skipped' in runs) return runs;
      return runs[0]?.outputs ?? {};
    }),
  ],
});
