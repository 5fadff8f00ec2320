import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exactCodeProbability } from '../../../src/estimators/closed-forms.js';
import { type DerivationRule, deriveGenotype } from '../../../src/estimators/derive.js';
import { openStream } from '../../../src/random.js';
import { codeOfGenotype } from '../../../src/spaces/code.js';
import { type ConvolutionalPrimitive, DARTS_SPACE } from '../../../src/spaces/convolutional.js';
import { edgesOfNode, entryCount, sections } from '../../../src/spaces/search-space.js';
import { oneCellSpace } from '../spaces/arbitrary.js';

const ONE_NODE = oneCellSpace({ nodes: 1, primitives: ['none', 'skip_connect', 'sep_conv_3x3'] });
const relu = (scope: 'edge' | 'node', samples: number): DerivationRule => ({
  scope,
  samples,
  parameterisation: 'relu',
});

/** The operations of one node whose probabilities are given as rows of [none, skip, sep]. */
function derived(rows: number[][], rule: DerivationRule): string[] {
  const { nodes } = deriveGenotype(Float64Array.from(rows.flat()), ONE_NODE, rule).cell;
  return nodes[0]!.map(({ primitive, input }) => `${primitive} ${input}`);
}

describe('deriveGenotype of one cell', () => {
  it('takes the mode of the EGS distribution in node scope', () => {
    // With M = 2: P({a}) = 0.36, P({a, b}) = 2 x 0.6 x 0.25 = 0.3; then 0.25, against 2 x 0.5 x 0.4 = 0.4.
    expect(
      derived(
        [
          [0, 0.6, 0.25],
          [0, 0.15, 0],
        ],
        relu('node', 2),
      ),
    ).toEqual(['skip_connect 0']);
    expect(
      derived(
        [
          [0, 0.5, 0.4],
          [0, 0.1, 0],
        ],
        relu('node', 2),
      ),
    ).toEqual(['skip_connect 0', 'sep_conv_3x3 0']);
  });

  it('pools the `none` entries of all edges of a node, and drops them from the genotype', () => {
    // Apart, each `none` (0.26) is less probable than the skip (0.3); together (0.52) they are the most probable entry.
    // M = 1: none alone, so that the node keeps its most probable operation.
    expect(
      derived(
        [
          [0.26, 0.3, 0.1],
          [0.26, 0.05, 0.03],
        ],
        relu('node', 1),
      ),
    ).toEqual(['skip_connect 0']);
    // M = 2: {none, skip} at 2 x 0.52 x 0.3 = 0.312 beats {none} at 0.27: the skip only.
    expect(
      derived(
        [
          [0.26, 0.3, 0.1],
          [0.26, 0.05, 0.03],
        ],
        relu('node', 2),
      ),
    ).toEqual(['skip_connect 0']);
    // Not pooled, {skip, sep} would be the two most probable; pooled, `none` takes a place.
    expect(
      derived(
        [
          [0.2, 0.25, 0.3],
          [0.2, 0.05, 0],
        ],
        relu('node', 2),
      ),
    ).toEqual(['sep_conv_3x3 0']);
  });

  it('decides each edge by itself in edge scope', () => {
    expect(
      derived(
        [
          [0.8, 0.1, 0.1],
          [0.1, 0.5, 0.4],
        ],
        relu('edge', 2),
      ),
    ).toEqual(['skip_connect 1', 'sep_conv_3x3 1']);
  });

  it('keeps the most probable operation of a node that would be empty, in both scopes', () => {
    const rows = [
      [0.9, 0.06, 0.04],
      [0.9, 0.03, 0.07],
    ];
    expect(derived(rows, relu('edge', 4))).toEqual(['sep_conv_3x3 1']);
    expect(derived(rows, relu('node', 4))).toEqual(['sep_conv_3x3 1']);
    expect(
      derived(
        [
          [1, 0, 0],
          [1, 0, 0],
        ],
        relu('node', 4),
      ),
    ).toEqual(['skip_connect 0']);
    expect(
      derived(
        [
          [-1, -1, -1],
          [-1, -1, -1],
        ],
        relu('edge', 1),
      ),
    ).toHaveLength(1);
  });

  it('lists operations by edge, then by primitive, whatever their probabilities', () => {
    expect(
      derived(
        [
          [0, 0.2, 0.25],
          [0, 0.24, 0.31],
        ],
        relu('node', 9),
      ),
    ).toEqual(['skip_connect 0', 'sep_conv_3x3 0', 'skip_connect 1', 'sep_conv_3x3 1']);
  });

  it('never wants more entries than there are: M beyond K', () => {
    expect(
      derived(
        [
          [0, 1, 1],
          [0, 1, 1],
        ],
        relu('node', 1000),
      ),
    ).toHaveLength(4);
    expect(
      derived(
        [
          [1, 1, 1],
          [1, 1, 1],
        ],
        relu('edge', 50),
      ),
    ).toHaveLength(4);
  });

  it('finds no set that is more probable, of all sets', () => {
    const rule = (samples: number): DerivationRule => ({
      scope: 'node',
      samples,
      parameterisation: 'softmax',
    });
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: 6, maxLength: 6 }),
        fc.integer({ min: 1, max: 6 }),
        (alphas, samples) => {
          const weights = alphas.map(Math.exp);
          const total = weights.reduce((a, b) => a + b, 0);
          const p = weights.map((weight) => weight / total);
          // Entry 0 stands for both `none`; the others are the operations in order.
          const pooled = [p[0]! + p[3]!, p[1]!, p[2]!, p[4]!, p[5]!];
          const names = ['', 'skip_connect 0', 'sep_conv_3x3 0', 'skip_connect 1', 'sep_conv_3x3 1'];
          const sets = Array.from({ length: 31 }, (_, bits) =>
            pooled.map((_, k) => k).filter((k) => ((bits + 1) >> k) & 1),
          ).map((set) => ({
            names: set.filter((k) => k > 0).map((k) => names[k]!),
            probability: exactCodeProbability(
              set.map((k) => pooled[k]!),
              samples,
            ),
          }));
          const [best, second] = sets.toSorted((a, b) => b.probability - a.probability);
          fc.pre(best!.names.length > 0 && best!.probability > second!.probability * (1 + 1e-9));
          const { nodes } = deriveGenotype(Float64Array.from(alphas), ONE_NODE, rule(samples)).cell;
          expect(nodes[0]!.map(({ primitive, input }) => `${primitive} ${input}`)).toEqual(best!.names);
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('deriveGenotype', () => {
  it('gives genotypes that the space has a code for, all nodes filled and concatenated', () => {
    fc.assert(
      fc.property(
        fc.nat(10_000),
        fc.constantFrom('edge', 'node'),
        fc.constantFrom('softmax', 'relu'),
        fc.integer({ min: 1, max: 9 }),
        (seed, scope, parameterisation, samples) => {
          const stream = openStream(seed, 'alphas');
          const alphas = Float64Array.from({ length: entryCount(DARTS_SPACE) }, () => 0.3 + stream.normal());
          const genotype = deriveGenotype(alphas, DARTS_SPACE, { scope, parameterisation, samples });
          const code = codeOfGenotype(genotype, DARTS_SPACE);
          for (const { cellType, start, end } of sections(DARTS_SPACE)) {
            const { nodes, concat } = genotype[cellType.name];
            expect(concat).toEqual([2, 3, 4, 5]);
            expect(code.subarray(start, end).filter((c) => c === 1)).toHaveLength(nodes.flat().length);
            nodes.forEach((operations, node) => {
              const most = scope === 'node' ? samples : samples * edgesOfNode(cellType, node).length;
              expect(operations.length).toBeGreaterThan(0);
              expect(operations.length).toBeLessThanOrEqual(most);
            });
          }
        },
      ),
      { numRuns: 50 },
    );
  });

  it('recovers a genotype whose operations have nearly all of the probability', () => {
    const alphas = new Float64Array(224).fill(-9);
    for (const entry of [3, 8 + 4, 16 + 1, 24 + 3, 40 + 6, 72 + 5, 104 + 2]) alphas[entry] = 1;
    const { nodes } = deriveGenotype(alphas, DARTS_SPACE, {
      scope: 'node',
      samples: 7,
      parameterisation: 'softmax',
    }).normal;
    const expected: [ConvolutionalPrimitive, number][][] = [
      [
        ['skip_connect', 0],
        ['sep_conv_3x3', 1],
      ],
      [
        ['max_pool_3x3', 0],
        ['skip_connect', 1],
      ],
      [['dil_conv_3x3', 0]],
      [
        ['sep_conv_5x5', 0],
        ['avg_pool_3x3', 4],
      ],
    ];
    expect(nodes.map((node) => node.map(({ primitive, input }) => [primitive, input]))).toEqual(expected);
  });

  it('refuses a space without operations, and alphas of another', () => {
    const rule: DerivationRule = { scope: 'node', samples: 1, parameterisation: 'softmax' };
    const nothing = oneCellSpace({ nodes: 1, primitives: ['none'] });
    expect(() => deriveGenotype(new Float64Array(2), nothing, rule)).toThrow(/no operation to derive/);
    expect(() => deriveGenotype(new Float64Array(2), DARTS_SPACE, rule)).toThrow(/do not fit/);
    expect(() => deriveGenotype(new Float64Array(224), DARTS_SPACE, { ...rule, samples: 0 })).toThrow(
      /out of range/,
    );
  });
});
