// The table of segmentation networks in exporters/README.md.
import { lowerModel, type OnnxOptions } from '../../exporters/onnx.js';
import { toPyTorchSegmentation } from '../../exporters/pytorch.js';
import { type Optimization, optimizeGraph } from '../../src/deploy/optimize.js';
import type { TargetOutputs } from './export-case.js';
import { type ProvenTarget, proveTable } from './proof-table.js';
import { departureOf, runOnNode } from './proofs.js';
import { runInWebAssembly } from './runners/ort-web.js';
import { runModules } from './runners/pytorch.js';
import { runTfjs } from './runners/tfjs.js';
import { segmentationParts as parts, type SegmentationPart } from './segmentation-parts.js';

function target(
  name: string,
  column: string,
  tolerance: number,
  run: (part: SegmentationPart) => Promise<TargetOutputs>,
): ProvenTarget {
  return {
    name,
    column,
    tolerance,
    async departures() {
      const found: number[] = [];
      for (const each of parts) found.push(departureFrom(each, await run(each)));
      return found;
    },
  };
}

function departureFrom(part: SegmentationPart, outputs: TargetOutputs): number {
  return isSkipped(outputs)
    ? Number.POSITIVE_INFINITY
    : departureOf({ model: part, images: part.images }, outputs);
}

function isSkipped(outputs: TargetOutputs): outputs is { readonly skipped: string } {
  return typeof outputs.skipped === 'string';
}

/** All parts by one Python, which takes seconds to import PyTorch. */
const pytorch: ProvenTarget = {
  name: 'pytorch',
  column: 'pytorch',
  tolerance: 1e-4,
  async departures() {
    const jobs = parts.map(({ network, inference, data, metadata, images }) => {
      const weights = inference.weights.map(({ name, shape }, i) => ({
        name,
        shape,
        data: data[i] ?? new Float32Array(0),
      }));
      const files = toPyTorchSegmentation({ network, genotype: network.genotype, weights, metadata });
      return { files, images };
    });
    const runs = await runModules(jobs);
    if ('skipped' in runs) return runs;
    return parts.map((part, i) => departureFrom(part, runs[i]?.outputs ?? {}));
  },
};

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
    pytorch,
  ],
});
