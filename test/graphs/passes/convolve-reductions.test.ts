import { describe, expect, it } from 'vitest';
import type { BoundGraph } from '../../../graphs/bound-graph.js';
import { Builder } from '../../../graphs/builder.js';
import type { Value } from '../../../graphs/ir.js';
import { convolveReductions } from '../../../graphs/passes/convolve-reductions.js';
import { foldBatchNorm } from '../../../graphs/passes/fold-batch-norm.js';
import { zooEntry } from '../../../src/spaces/zoo.js';
import { caseImages, expectedOutputs, exportCase } from '../../exporters/export-case.js';
import { defined, expectClose, random } from '../../support/tensors.js';
import { bound, expectSame, namesOf } from './bound-case.js';

function operationsOf({ graph }: BoundGraph): string[] {
  return graph.nodes.map(({ op }) => op);
}

type Use = 'bias' | 'plain' | 'map' | 'shared' | 'unbound';

/** A reduction of 3 to 3 + 3 channels, and what reads it: nothing, a shift of its channels, of every pixel, and both. */
function reduction(use: Use): BoundGraph {
  const g = new Builder();
  const images = g.input('images', [2, 3, 6, 4]);
  const weights = new Map<Value, { name: string; data: Float32Array }>();
  const weight = (name: string, shape: number[], isBound = true): Value => {
    const value = g.input(name, shape);
    if (isBound) weights.set(value, { name, data: Float32Array.from(random(shape, weights.size + 1).data) });
    return value;
  };
  const halves = [weight('a', [3, 3, 1, 1]), weight('b', [3, 3, 1, 1], use !== 'unbound')];
  const y = g.within('reduce', () => g.one('factorizedReduce', [images, ...halves], {}));
  const shifted =
    use === 'plain' || use === 'unbound'
      ? y
      : g.add(weight('c', use === 'map' ? [1, 6, 3, 2] : [1, 6, 1, 1]), y);
  return { graph: g.build([{ name: 'y', value: use === 'shared' ? g.mul(shifted, y) : shifted }]), weights };
}

describe('convolveReductions', () => {
  it.each([
    ['bias', ['conv2d', 'conv2d', 'conv2d', 'add']],
    ['plain', ['conv2d', 'conv2d', 'conv2d', 'add']],
    ['map', ['conv2d', 'conv2d', 'conv2d', 'add', 'add']],
    ['shared', ['conv2d', 'conv2d', 'conv2d', 'add', 'add', 'mul']],
  ] as const)('keeps the outputs: %s', (use, operations) => {
    const source = reduction(use);
    const expanded = convolveReductions(source);
    expect(operationsOf(expanded)).toEqual(operations);
    const images = random([2, 3, 6, 4], 9);
    expectClose(defined(expectedOutputs(expanded, images).y), defined(expectedOutputs(source, images).y));
    expect(new Set(expanded.graph.inputs)).toEqual(
      new Set([defined(source.graph.inputs[0]), ...expanded.weights.keys()]),
    );
    const names = [...expanded.weights.values()].map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });

  it('names the convolutions of both halves apart where they share a weight', () => {
    const source = bound(({ g, parts, weight }) => {
      const half = weight('half', [3, 3, 1, 1]);
      const even = g.conv2d(parts[0], weight('even', [3, 3, 2, 1]));
      return g.one('factorizedReduce', [even, half, half], {});
    });
    const expanded = convolveReductions(source);
    expect(namesOf(expanded).filter((name) => name.startsWith('half'))).toEqual(['half', 'half/1']);
    expectSame(source, expanded);
  });

  it('leaves a reduction whose weights are not bound', () => {
    expect(operationsOf(convolveReductions(reduction('unbound')))).toEqual(['factorizedReduce']);
  });

  it('keeps the logits of a folded network, and its names without any numbers', () => {
    const model = exportCase(zooEntry('DARTS_V2').genotype, {});
    const folded = foldBatchNorm(model.bound);
    const expanded = convolveReductions(folded);
    expect(operationsOf(folded)).toContain('factorizedReduce');
    expect(operationsOf(expanded)).not.toContain('factorizedReduce');
    const images = caseImages(model, 2);
    const after = expectedOutputs(expanded, images);
    expectClose(after.logits, defined(expectedOutputs(folded, images).logits), {
      absolute: 1e-9,
      relative: 1e-6,
    });
    const empty = new Map(
      [...folded.weights].map(([value, { name }]) => [value, { name, data: new Float32Array(0) }] as const),
    );
    const structure = convolveReductions({ graph: folded.graph, weights: empty });
    expect(namesOf(structure)).toEqual(namesOf(expanded));
  });
});
