import { describe, expect, it } from 'vitest';
import { deriveByStrongestEdges, deriveByStrongestOperations } from '../../../src/estimators/derive-darts.js';
import { codeOfGenotype } from '../../../src/spaces/code.js';
import { type ConvolutionalPrimitive, DARTS_SPACE } from '../../../src/spaces/convolutional.js';
import { edgeCount, entryCount } from '../../../src/spaces/search-space.js';
import { zooEntry } from '../../../src/spaces/zoo.js';
import { oneCellSpace } from '../spaces/arbitrary.js';
import { randomValues } from './values.js';

const [NORMAL] = DARTS_SPACE.cellTypes;
const width = NORMAL!.primitives.length;

/** Alphas of zeros but for the given [edge, primitive, value] in the normal cell, then in the reduction cell. */
function alphas(...entries: readonly (readonly [number, ConvolutionalPrimitive, number])[]): Float64Array {
  const values = new Float64Array(entryCount(DARTS_SPACE));
  for (const [edge, name, value] of entries) values[edge * width + NORMAL!.primitives.indexOf(name)] = value;
  return values;
}

function cell(values: Float64Array) {
  return deriveByStrongestEdges(values, DARTS_SPACE, 'softmax').normal;
}

describe('the derivation rule of DARTS', () => {
  it('finds the genotype that alphas were planted for', () => {
    const { genotype } = zooEntry('DARTS_V2');
    const planted = codeOfGenotype(genotype, DARTS_SPACE).map((entry) => 2 * entry);
    const derived = deriveByStrongestEdges(planted, DARTS_SPACE, 'softmax');
    const sorted = (nodes: typeof genotype.normal.nodes) =>
      nodes.map((entries) => entries.toSorted((a, b) => a.input - b.input));
    expect(derived.normal.nodes).toEqual(sorted(genotype.normal.nodes));
    expect(derived.reduce.nodes).toEqual(sorted(genotype.reduce.nodes));
    expect(derived.normal.concat).toEqual([2, 3, 4, 5]);
  });

  it('never takes `none`, but lets it weaken an edge', () => {
    // Node 1 has edges 2, 3, 4: the first has the largest alpha, and `none` beside it takes its probability away.
    const [, node] = cell(
      alphas([2, 'sep_conv_3x3', 5], [2, 'none', 9], [3, 'skip_connect', 1], [4, 'max_pool_3x3', 2]),
    ).nodes;
    expect(node).toEqual([
      { primitive: 'skip_connect', input: 1 },
      { primitive: 'max_pool_3x3', input: 2 },
    ]);
  });

  it('keeps the first of equals', () => {
    expect(cell(alphas()).nodes[3]).toEqual([
      { primitive: 'max_pool_3x3', input: 0 },
      { primitive: 'max_pool_3x3', input: 1 },
    ]);
  });

  it('refuses a space where nothing computes', () => {
    const nothing = oneCellSpace({ nodes: 1, primitives: ['none'] });
    expect(() => deriveByStrongestEdges(new Float64Array(2), nothing, 'softmax')).toThrow('every candidate');
  });
});

describe('the number of operations of a kept edge', () => {
  it('adds the next strongest on the same edges, in the order of the primitives', () => {
    const planted = alphas(
      [2, 'sep_conv_3x3', 4],
      [2, 'max_pool_3x3', 2],
      [3, 'skip_connect', 2.5],
      [4, 'dil_conv_5x5', 2.4],
    );
    const nodeOf = (operations: number) =>
      deriveByStrongestEdges(planted, DARTS_SPACE, 'softmax', operations).normal.nodes[1];
    expect(nodeOf(1)).toEqual(cell(planted).nodes[1]);
    // Of edge 3 nothing else was planted, so that the first of equals follows.
    expect(nodeOf(2)).toEqual([
      { primitive: 'max_pool_3x3', input: 0 },
      { primitive: 'sep_conv_3x3', input: 0 },
      { primitive: 'max_pool_3x3', input: 1 },
      { primitive: 'skip_connect', input: 1 },
    ]);
    expect(nodeOf(7)).toHaveLength(14);
    expect(() => nodeOf(0)).toThrow('at least 1');
  });
});

describe('the number of operations that a node keeps', () => {
  it.each([1, 2, 3])('is %i where the cell type says so', (kept) => {
    const space = oneCellSpace({ inputs: 4, nodes: 2, primitives: ['none', 'relu', 'tanh'], kept });
    const values = randomValues(kept, entryCount(space), 0, 1);
    const count = (nodes: readonly { readonly length: number }[]) => nodes.map(({ length }) => length);
    expect(count(deriveByStrongestEdges(values, space, 'softmax').cell.nodes)).toEqual([kept, kept]);
    expect(count(deriveByStrongestOperations(values, space, 'softmax').cell.nodes)).toEqual([kept, kept]);
  });
});

describe('the derivation rule of GDAS', () => {
  const cellOf = (values: Float64Array) => deriveByStrongestOperations(values, DARTS_SPACE, 'softmax').normal;

  it('keeps the two strongest operations of a node, on one edge where both are there', () => {
    // Node 2 has edges 5 to 8. Its strongest two lie on edge 6; the rule of DARTS takes one of them, and edge 8.
    const planted = alphas([6, 'sep_conv_3x3', 6.1], [6, 'skip_connect', 6], [8, 'max_pool_3x3', 1]);
    expect(cellOf(planted).nodes[2]).toEqual([
      { primitive: 'skip_connect', input: 1 },
      { primitive: 'sep_conv_3x3', input: 1 },
    ]);
    expect(cell(planted).nodes[2]).toEqual([
      { primitive: 'sep_conv_3x3', input: 1 },
      { primitive: 'max_pool_3x3', input: 3 },
    ]);
  });

  it('compares probabilities, not alphas, and never takes `none`', () => {
    const planted = alphas(
      [2, 'sep_conv_3x3', 5],
      [2, 'none', 9],
      [3, 'skip_connect', 1],
      [4, 'max_pool_3x3', 2],
    );
    expect(cellOf(planted).nodes[1]).toEqual([
      { primitive: 'skip_connect', input: 1 },
      { primitive: 'max_pool_3x3', input: 2 },
    ]);
  });

  it('keeps both cell types apart, and all nodes', () => {
    const planted = alphas([0, 'dil_conv_5x5', 3], [edgeCount(NORMAL!) + 1, 'avg_pool_3x3', 3]);
    const genotype = deriveByStrongestOperations(planted, DARTS_SPACE, 'softmax');
    expect(genotype.normal.nodes[0]).toContainEqual({ primitive: 'dil_conv_5x5', input: 0 });
    expect(genotype.reduce.nodes[0]).toContainEqual({ primitive: 'avg_pool_3x3', input: 1 });
    expect(genotype.reduce.concat).toEqual([2, 3, 4, 5]);
  });
});
