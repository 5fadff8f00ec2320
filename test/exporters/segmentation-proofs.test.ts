// The table of segmentation networks in exporters/README.md.
import { lowerModel, type OnnxOptions } from '../../exporters/onnx.js';
import { toPyTorchSegmentation } from '../../exporters/pytorch.js';
import type { Tensor } from '../../graphs/interpret/interpret.js';
import { type Optimization, optimizeGraph } from '../../src/deploy/optimize.js';
import { type ProvenTarget, proveTable } from './proof-table.js';
import { departureOf, runOnNode } from './proofs.js';
import { runInWebAssembly } from './runners/ort-web.js';
import { runModules } from './runners/pytorch.js';
import { runTfjs } from './runners/tfjs.js';
import { segmentationParts as parts, type SegmentationPart } from './segmentation-parts.js';

type Run = (
  part: SegmentationPart,
) => Promise<Readonly<Record<string, Tensor>> | { readonly skipped: string }>;

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
