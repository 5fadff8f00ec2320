// What may be done to the graph of a model before it is written. The outputs stay the same up to rounding; which form is
// fast depends on who runs it (docs/benchmarks.md has figures).
import type { BoundGraph } from '../../graphs/bound-graph.js';
import { convolveReductions } from '../../graphs/passes/convolve-reductions.js';
import { distributeBoundConcat } from '../../graphs/passes/distribute-bound-concat.js';
import { foldBatchNorm } from '../../graphs/passes/fold-batch-norm.js';
import { rectifyParts } from '../../graphs/passes/rectify-parts.js';

export const OPTIMIZATIONS = ['none', 'fold', 'cpu'] as const;
/**
 * `none`: as traced. `fold`: batch norms folded into the convolutions before them. `cpu`: for ONNX Runtime's CPU provider,
 * folded, and nothing left between convolutions that is not done in blocks of channels or fused.
 */
export type Optimization = (typeof OPTIMIZATIONS)[number];

/** Channels in a block of ONNX Runtime's convolutions: 16 with AVX-512, 8 with AVX2. What fills 16 fills 8, too. */
const channelBlock = 16;

const passes: { readonly [O in Optimization]: (bound: BoundGraph) => BoundGraph } = {
  none: (bound) => bound,
  fold: foldBatchNorm,
  cpu: (bound) => {
    const { graph, weights } = convolveReductions(foldBatchNorm(bound));
    return distributeBoundConcat({ graph: rectifyParts(graph), weights }, channelBlock);
  },
};

/** Nodes and the names of weights depend on the graph only, not on the numbers (which may be absent: arrays of no length). */
export function optimizeGraph(bound: BoundGraph, optimization: Optimization): BoundGraph {
  return passes[optimization](bound);
}

/** As a model's metadata says it; `foldBatchNorm` is how earlier versions did. */
export function optimizationIn(metadata: ReadonlyMap<string, string>): Optimization {
  if (metadata.get('foldBatchNorm') === 'true') return 'fold';
  return OPTIMIZATIONS.find((name) => name === metadata.get('optimize')) ?? 'none';
}
