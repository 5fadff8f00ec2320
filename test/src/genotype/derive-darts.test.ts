import { describe, expect, it } from 'vitest';
import { type CellSpace, DARTS_SPACE, edgeCount, entryCount } from '../../../src/genotype/cell-space.js';
import { deriveByStrongestEdges } from '../../../src/genotype/derive-darts.js';
import type { Primitive } from '../../../src/genotype/primitives.js';
import { zooEntry } from '../../../src/genotype/zoo.js';

const width = DARTS_SPACE.primitives.length;

/** Alphas of zeros but for the given [edge, primitive, value]. */
function alphas(...entries: readonly (readonly [number, Primitive, number])[]): Float64Array {
  const values = new Float64Array(entryCount(DARTS_SPACE));
  for (const [edge, name, value] of entries) {
    const column = DARTS_SPACE.primitives.indexOf(name);
    values[edge * width + column] = value;
  }
  return values;
}

function cell(values: Float64Array, space: CellSpace = DARTS_SPACE) {
  return deriveByStrongestEdges({ normal: values, reduce: values }, space, 'softmax').normal;
}

describe('the derivation rule of DARTS', () => {
  it('finds the genotype that alphas were planted for', () => {
    const { genotype } = zooEntry('DARTS_V2');
    const planted = (nodes: typeof genotype.normal.nodes) =>
      alphas(
        ...nodes.flatMap((entries, node) =>
          entries.map(({ primitive, input }) => [edgeCount(node) + input, primitive, 2] as const),
        ),
      );
    const derived = deriveByStrongestEdges(
      { normal: planted(genotype.normal.nodes), reduce: planted(genotype.reduce.nodes) },
      DARTS_SPACE,
      'softmax',
    );
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
    expect(() => cell(new Float64Array(2), { nodes: 1, primitives: ['none'] })).toThrow('every candidate');
  });
});
