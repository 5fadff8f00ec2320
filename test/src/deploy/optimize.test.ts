import { describe, expect, it } from 'vitest';
import { isOp } from '../../../graphs/ir.js';
import { OPTIMIZATIONS, optimizationIn, optimizeGraph } from '../../../src/deploy/optimize.js';
import { zooEntry } from '../../../src/spaces/zoo.js';
import { caseImages, expectedOutputs, exportCase } from '../../exporters/export-case.js';
import { namesOf, operationsOf, withoutNumbers } from '../../graphs/passes/bound-case.js';
import { expectClose } from '../../support/tensors.js';

const networks = [
  ['DARTS_V2', {}],
  ['DATA_M7', { auxiliary: true, image: { channels: 3, height: 32, width: 32 } }],
  ['DATA_M4', { name: 'imagenet', cells: 4, image: { channels: 3, height: 64, width: 64 } }],
] as const;

describe('optimizeGraph', () => {
  it.each(networks)('keeps the outputs of %s, and its names without any numbers', (name, change) => {
    const model = exportCase(zooEntry(name).genotype, change);
    const images = caseImages(model, 2);
    const expected = expectedOutputs(model.bound, images);
    for (const optimization of OPTIMIZATIONS) {
      const after = optimizeGraph(model.bound, optimization);
      const outputs = expectedOutputs(after, images);
      expect(Object.keys(outputs)).toEqual(Object.keys(expected));
      for (const [output, values] of Object.entries(expected)) {
        const largest = Math.max(...values.data.map(Math.abs));
        expectClose(outputs[output], values, { absolute: 2e-6 * largest, relative: 0 }, output);
      }
      const names = namesOf(after);
      expect(new Set(names).size).toBe(names.length);
      expect(namesOf(optimizeGraph(withoutNumbers(model.bound), optimization))).toEqual(names);
    }
  });

  it('leaves no batch norm folded, and for processors only what is done in blocks or fused', () => {
    const { bound } = exportCase(zooEntry('DARTS_V2').genotype, { cells: 6, initChannels: 6 });
    expect(optimizeGraph(bound, 'none')).toBe(bound);
    expect(operationsOf(optimizeGraph(bound, 'fold'))).toContain('factorizedReduce');
    const fast = optimizeGraph(bound, 'cpu');
    for (const op of ['batchNormInference', 'factorizedReduce']) expect(operationsOf(fast)).not.toContain(op);
    const maps = fast.graph.nodes.filter(
      (node) => isOp(node, 'concat') && node.outputs[0]?.shape.length === 4,
    );
    expect(maps).toEqual([]);
    const rectified = fast.graph.nodes.filter(({ op }) => op === 'relu').map(({ inputs }) => inputs[0]);
    expect(new Set(rectified).size).toBe(rectified.length);
  });
});

describe('optimizationIn', () => {
  it('is what the metadata says, in words of earlier versions too', () => {
    expect(optimizationIn(new Map())).toBe('none');
    expect(optimizationIn(new Map([['optimize', 'cpu']]))).toBe('cpu');
    expect(optimizationIn(new Map([['optimize', 'nonsense']]))).toBe('none');
    expect(optimizationIn(new Map([['foldBatchNorm', 'true']]))).toBe('fold');
  });
});
