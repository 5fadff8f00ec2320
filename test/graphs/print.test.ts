// Graphs as text, against golden files: `npx vitest run test/graphs/print -u` writes them anew.
import { describe, expect, it } from 'vitest';
import { Builder } from '../../graphs/builder.js';
import { differentiate } from '../../graphs/differentiate.js';
import type { Graph } from '../../graphs/ir.js';
import { printGraph } from '../../graphs/print.js';
import { defined } from '../support/tensors.js';

const golden = (name: string): string => `../goldens/${name}.txt`;

function classifier(): Graph {
  const g = new Builder();
  const images = g.input('images', ['batch', 3, 8, 8]);
  const weight = g.parameter('stem.0.weight', [4, 3, 3, 3], { kind: 'uniform', bound: 0.2 });
  const bias = g.parameter('classifier.bias', [10], { kind: 'constant', value: 0 });
  g.slotInputs('parameters');
  const features = g.within('stem', () => {
    const y = g.conv2d(images, weight, { stride: 2, padding: 1 });
    const mean = g.filled(0.5, [4]);
    const variance = g.constant([1, 2, 3, 4], [4]);
    return g.relu(g.one('batchNormInference', [y, mean, variance], { epsilon: 1e-5, affine: 'none' }));
  });
  const logits = g.within('classifier', () => {
    const pooled = g.globalAveragePool(g.maxPool2d(features, { kernel: 2, stride: 2, padding: 0 }));
    const matrix = g.constant(
      Array.from({ length: 40 }, (_, i) => i / 8),
      [10, 4],
    );
    return g.add(g.matMul(pooled, matrix, false, true), bias);
  });
  return g.build([{ name: 'logits', value: logits }]);
}

function gatedStep(): Graph {
  const g = new Builder();
  const x = g.input('x', [2, 3, 4, 4]);
  const code = g.input('code', [1]);
  const forward = g.input('forwardGates', [2], 'bool');
  const backward = g.input('backwardGates', [2], 'bool');
  const y = g.within('cells.0', () =>
    g.region({ gates: forward, backwardGates: backward, gateIndex: 1 }, [x, code], (body, [inner, scale]) => {
      const weight = body.parameter('w', [3, 3, 1, 1], { kind: 'uniform', bound: 1 });
      const convolved = body.within('conv', () => body.conv2d(defined(inner), weight));
      return body.within('norm', () =>
        body.one('batchNorm', [convolved, defined(scale)], { epsilon: 1e-5, affine: 'scale' }),
      );
    }),
  );
  const loss = g.reduceSum(y, [0, 1, 2, 3]);
  const theta = g.flatten('parameters', 'theta');
  const [dTheta, dCode] = differentiate(g, loss, [theta, code]);
  return g.build([
    { name: 'loss', value: loss },
    { name: 'gradient', value: defined(dTheta) },
    { name: 'gradient.code', value: defined(dCode) },
  ]);
}

describe('printGraph', () => {
  it('shows an inference graph with a symbolic batch', async () => {
    await expect(printGraph(classifier())).toMatchFileSnapshot(golden('print-classifier'));
  });

  it('shows regions, their bodies and their backward pass', async () => {
    await expect(printGraph(gatedStep())).toMatchFileSnapshot(golden('print-gated-step'));
  });

  it('is the same for a graph built twice, and for one printed twice', () => {
    const graph = gatedStep();
    expect(printGraph(graph)).toBe(printGraph(graph));
    expect(printGraph(graph)).toBe(printGraph(gatedStep()));
  });

  it('gives every node one line', () => {
    const graph = classifier();
    const lines = printGraph(graph).trimEnd().split('\n');
    expect(lines).toHaveLength(graph.nodes.length + 2);
  });
});
