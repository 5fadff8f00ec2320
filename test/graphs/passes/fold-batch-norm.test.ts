import { describe, expect, it } from 'vitest';
import type { BoundGraph } from '../../../graphs/bound-graph.js';
import { Builder } from '../../../graphs/builder.js';
import type { Affine, Value } from '../../../graphs/ir.js';
import { foldBatchNorm } from '../../../graphs/passes/fold-batch-norm.js';
import { zooEntry } from '../../../src/spaces/zoo.js';
import { caseImages, expectedOutputs, exportCase } from '../../exporters/export-case.js';
import { defined, random } from '../../support/tensors.js';

/** The largest difference between the outputs of both graphs, relative to their largest value. */
function departure(a: BoundGraph, b: BoundGraph, images: Parameters<typeof expectedOutputs>[1]): number {
  const [before, after] = [expectedOutputs(a, images), expectedOutputs(b, images)];
  expect(Object.keys(after)).toEqual(Object.keys(before));
  let worst = 0;
  for (const [name, { data }] of Object.entries(before)) {
    const largest = data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    data.forEach((value, i) => {
      worst = Math.max(worst, Math.abs(value - (after[name]?.data[i] ?? Number.NaN)) / largest);
    });
  }
  return worst;
}

function operationsOf({ graph }: BoundGraph): string[] {
  return graph.nodes.map(({ op }) => op);
}

describe('foldBatchNorm', () => {
  it.each([
    ['DARTS_V2', {}],
    ['DATA_M4', {}],
    ['DATA_M7', { auxiliary: true, image: { channels: 3, height: 32, width: 32 } }],
    ['DATA_M7', { name: 'imagenet', cells: 6, image: { channels: 3, height: 64, width: 64 } }],
  ] as const)('keeps the outputs of %s, without any batch norm left', (name, change) => {
    const model = exportCase(zooEntry(name).genotype, change);
    const folded = foldBatchNorm(model.bound);
    expect(operationsOf(model.bound)).toContain('batchNormInference');
    expect(operationsOf(folded)).not.toContain('batchNormInference');
    expect(departure(model.bound, folded, caseImages(model, 2))).toBeLessThan(1e-6);
    const names = [...folded.weights.values()].map((weight) => weight.name);
    expect(new Set(names).size).toBe(names.length);
    expect(folded.graph.inputs.length).toBe(folded.weights.size + 1);
  });

  /** conv2d with or without bias, then a batch norm, whose input is read twice where `shared`. */
  function small(affine: Affine, bias: boolean, shared = false): BoundGraph {
    const g = new Builder();
    const images = g.input('images', [1, 3, 5, 5]);
    const weights = new Map<Value, { name: string; data: Float32Array }>();
    const weight = (name: string, shape: number[], positive = false): Value => {
      const value = g.input(name, shape);
      const data = Float32Array.from(random(shape, weights.size + 1).data, (x) => (positive ? 1 + x / 2 : x));
      weights.set(value, { name, data });
      return value;
    };
    const kernel = weight('w', [4, 3, 3, 3]);
    const options = bias ? { padding: 1, bias: weight('b', [4]) } : { padding: 1 };
    const x = g.within('cell', () => g.conv2d(images, kernel, options));
    const further = { none: [], scale: [1], 'scale-shift': [4, 4] }[affine];
    const inputs = [x, weight('mean', [4]), weight('variance', [4], true)];
    further.forEach((size, i) => {
      inputs.push(weight(`affine${i}`, [size]));
    });
    const y = g.one('batchNormInference', inputs, { epsilon: 0.1, affine });
    const graph = g.build([{ name: 'y', value: shared ? g.add(y, x) : y }]);
    return { graph, weights };
  }

  it.each([
    ['none', false],
    ['none', true],
    ['scale', false],
    ['scale-shift', true],
  ] as const)('folds affine %s, bias %s', (affine, bias) => {
    const source = small(affine, bias);
    const folded = foldBatchNorm(source);
    expect(operationsOf(folded)).toEqual(['conv2d']);
    expect(defined([...folded.weights.values()][1]).name).toBe('cell/bias');
    expect(departure(source, folded, random([1, 3, 5, 5]))).toBeLessThan(1e-6);
  });

  it('leaves a batch norm whose input others read, or whose statistics are not bound', () => {
    const shared = small('scale-shift', false, true);
    expect(operationsOf(foldBatchNorm(shared))).toEqual(operationsOf(shared));
    const source = small('scale-shift', false);
    const mean = defined(source.graph.inputs.find(({ path }) => path === 'mean'));
    const unbound = { ...source, weights: new Map([...source.weights].filter(([value]) => value !== mean)) };
    expect(operationsOf(foldBatchNorm(unbound))).toEqual(['conv2d', 'batchNormInference']);
  });
});
