// Derivation of recurrent cells, against the rules as they are written down, worked out once more here.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DerivationRule, deriveGenotype } from '../../../src/estimators/derive.js';
import { deriveByStrongestEdges, deriveByStrongestOperations } from '../../../src/estimators/derive-darts.js';
import { METHOD_TABLE, type MethodName, resolveOptions } from '../../../src/estimators/methods.js';
import { codeOfGenotype } from '../../../src/spaces/code.js';
import type { GenotypeEntry } from '../../../src/spaces/genotype.js';
import {
  RECURRENT_PRIMITIVES,
  RECURRENT_SPACE,
  type RecurrentGenotype,
  type RecurrentPrimitive,
  recurrentSpace,
} from '../../../src/spaces/recurrent.js';
import { entryCount } from '../../../src/spaces/search-space.js';
import { recurrentZooEntry } from '../../../src/spaces/zoo.js';
import { RECURRENT_ZOO } from '../../../src/spaces/zoo-recurrent.js';
import { probabilities } from './reference.js';
import { randomValues } from './values.js';

const K: number = RECURRENT_PRIMITIVES.length;
const SIZE = entryCount(RECURRENT_SPACE);
const row = (node: number, state: number): number => (node * (node - 1)) / 2 + state;

const pairsOf = (nodes: readonly (readonly GenotypeEntry[])[]): (readonly [string, number])[][] =>
  nodes.map((node) => node.map(({ primitive, input }) => [primitive, input] as const));

/** Spaces that can be enumerated: some nodes, some primitives in some order, `none` among them or not. */
const smallSpaces = fc
  .tuple(
    fc.integer({ min: 1, max: 3 }),
    fc
      .shuffledSubarray([...RECURRENT_PRIMITIVES], { minLength: 2, maxLength: 3 })
      .filter((chosen) => chosen.some((primitive) => primitive !== 'none')),
  )
  .map(([nodes, primitives]) => ({
    space: recurrentSpace('small', { nodes, primitives }),
    nodes,
    primitives,
  }));

describe('the rule of DARTS', () => {
  /** Node i takes the state whose largest entry other than `none` is largest, and that entry. */
  function byRule(alphas: Float64Array, nodes: number, primitives: readonly RecurrentPrimitive[]) {
    const width = primitives.length;
    return Array.from({ length: nodes }, (_, index) => {
      const node = index + 1;
      const best = { primitive: '', input: 0, probability: Number.NEGATIVE_INFINITY };
      for (let input = 0; input < node; input++) {
        const start = width * row(node, input);
        const p = probabilities([...alphas.subarray(start, start + width)], 'softmax');
        primitives.forEach((primitive, k) => {
          const probability = p[k]!;
          if (primitive !== 'none' && probability > best.probability)
            Object.assign(best, { primitive, input, probability });
        });
      }
      return [[best.primitive, best.input] as const];
    });
  }

  it('takes the strongest operation of the strongest edge, by brute force', () => {
    fc.assert(
      fc.property(smallSpaces, fc.nat(10_000), ({ space, nodes, primitives }, seed) => {
        const alphas = randomValues(seed, entryCount(space), 0, 2);
        const { recurrent } = deriveByStrongestEdges(alphas, space, 'softmax');
        expect(pairsOf(recurrent.nodes)).toEqual(byRule(alphas, nodes, primitives));
        // With one operation a node, the rule of GDAS is the same.
        expect(deriveByStrongestOperations(alphas, space, 'softmax').recurrent).toEqual(recurrent);
        expect(recurrent.concat).toEqual(Array.from({ length: nodes }, (_, node) => node + 1));
      }),
      { numRuns: 100 },
    );
    const alphas = randomValues(1, SIZE, 0, 1.5);
    const all = deriveByStrongestEdges(alphas, RECURRENT_SPACE, 'softmax').recurrent;
    expect(pairsOf(all.nodes)).toEqual(byRule(alphas, 8, RECURRENT_PRIMITIVES));
    expect(all.concat).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it('takes the first state and the first operation of equals', () => {
    const equal = (values: readonly number[]) =>
      pairsOf(
        deriveByStrongestEdges(
          Float64Array.from({ length: SIZE }, (_, entry) => values[entry % K]!),
          RECURRENT_SPACE,
          'softmax',
        ).recurrent.nodes,
      );
    expect(equal([0, 0, 0, 0, 0])).toEqual(new Array(8).fill([['tanh', 0]]));
    expect(equal([9, 0, 1, 0, 1])).toEqual(new Array(8).fill([['relu', 0]]));
  });

  it('weighs an edge by what `none` leaves it', () => {
    const alphas = new Float64Array(SIZE);
    // Node 2: the larger alpha, on state 0, has a larger `none` beside it.
    alphas.set([6, 0, 5, 0, 0], K * row(2, 0));
    alphas.set([0, 0, 0, 1, 0], K * row(2, 1));
    const { nodes } = deriveByStrongestEdges(alphas, RECURRENT_SPACE, 'softmax').recurrent;
    expect(pairsOf(nodes)[1]).toEqual([['sigmoid', 1]]);
  });
});

describe('the mode of the code', () => {
  /** Every sequence of M draws of one group: the most probable set of what occurred, and how far ahead it is of the next. */
  function enumerated(p: readonly number[], labels: readonly string[], samples: number) {
    const sets = new Map<string, number>();
    const draw = (left: number, occurred: ReadonlySet<string>, chance: number): void => {
      if (left === 0) {
        const key = [...occurred].sort().join();
        sets.set(key, (sets.get(key) ?? 0) + chance);
        return;
      }
      for (const [k, probability] of p.entries())
        draw(left - 1, new Set([...occurred, labels[k]!]), chance * probability);
    };
    draw(samples, new Set(), 1);
    const [best, second] = [...sets].sort((a, b) => b[1] - a[1]);
    return { labels: best![0].split(','), clear: second === undefined || best![1] > second[1] * (1 + 1e-9) };
  }

  const cases = fc.tuple(
    smallSpaces.filter(({ nodes }) => nodes < 3),
    fc.nat(10_000),
    fc.constantFrom('node' as const, 'edge' as const),
    fc.constantFrom('softmax' as const, 'relu' as const),
    fc.integer({ min: 1, max: 4 }),
  );

  it('is found at node and at edge scope, by enumeration of all draws', () => {
    fc.assert(
      fc.property(cases, ([{ space, nodes, primitives }, seed, scope, parameterisation, samples]) => {
        const alphas = randomValues(seed, entryCount(space), parameterisation === 'relu' ? 1.5 : 0, 1.2);
        const width = primitives.length;
        const expected = Array.from({ length: nodes }, (_, index) => {
          const node = index + 1;
          const states = Array.from({ length: node }, (_unused, state) => state);
          const entries = states.flatMap((state) =>
            primitives.map((primitive, k) => ({ primitive, state, entry: width * row(node, state) + k })),
          );
          const groups =
            scope === 'node' ? [entries] : states.map((s) => entries.filter(({ state }) => state === s));
          const chosen = new Set<string>();
          const label = (entry: (typeof entries)[number]) =>
            entry.primitive === 'none' ? 'none' : `${entry.entry}`;
          const operations: { readonly entry: number; readonly p: number }[] = [];
          for (const group of groups) {
            const p = probabilities(
              group.map(({ entry }) => alphas[entry]!),
              parameterisation,
            );
            const mode = enumerated(p, group.map(label), samples);
            fc.pre(mode.clear);
            for (const one of mode.labels) chosen.add(one);
            group.forEach((each, k) => {
              if (each.primitive !== 'none') operations.push({ entry: each.entry, p: p[k]! });
            });
          }
          chosen.delete('none');
          const [strongest] = operations.toSorted((a, b) => b.p - a.p);
          if (chosen.size === 0) chosen.add(`${strongest!.entry}`);
          // By state, then by primitive: as the entries are counted.
          return entries
            .filter(({ entry }) => chosen.has(`${entry}`))
            .map(({ primitive, state }) => [primitive, state] as const);
        });
        const { recurrent } = deriveGenotype(alphas, space, { samples, scope, parameterisation });
        expect(pairsOf(recurrent.nodes)).toEqual(expected);
      }),
      { numRuns: 150 },
    );
  });

  it('drops the pooled `none`, and leaves a node that would be empty its most probable operation', () => {
    // Weights over [none, tanh, relu, sigmoid, identity].
    const weights = (...rows: readonly (readonly number[])[]): Float64Array => Float64Array.from(rows.flat());
    const two = recurrentSpace('two', { nodes: 2, primitives: RECURRENT_PRIMITIVES });
    const derived = (alphas: Float64Array, scope: DerivationRule['scope'], samples: number) =>
      pairsOf(deriveGenotype(alphas, two, { samples, scope, parameterisation: 'relu' }).recurrent.nodes);
    const alphas = weights([9, 0, 0, 0, 1], [5, 0, 2, 0, 1], [5, 3, 0, 0, 0]);
    // Node 2 at M = 2: `none` has 10 of 16, tanh 3, relu 2: {none} 100 beats {none, tanh} 60.
    for (const scope of ['node', 'edge'] as const)
      expect(derived(alphas, scope, 2)).toEqual([[['identity', 0]], [['tanh', 1]]]);
    // With less of it, {none, tanh}, 2 x 8 x 6 = 96, beats {none}, 64.
    expect(derived(weights([1, 0, 0, 0, 1], [4, 0, 2, 0, 1], [4, 6, 0, 0, 0]), 'node', 2)[1]).toEqual([
      ['tanh', 1],
    ]);
  });
});

describe('a genotype that alphas were planted for', () => {
  it.each(RECURRENT_ZOO.slice(0, 2).map(({ name, genotype }) => [name, genotype] as const))(
    '%s is derived by every rule, and by every method that learns',
    (_, genotype) => {
      const planted = codeOfGenotype(genotype, RECURRENT_SPACE).map((entry) => 9 * entry);
      for (const name of ['egs', 'gdas', 'darts', 'darts-2nd'] as const)
        expect(derivedBy(name, planted)).toEqual(genotype);
    },
  );

  it('with several operations a node comes sorted by state, then by primitive', () => {
    const genotype: RecurrentGenotype = {
      recurrent: {
        nodes: recurrentZooEntry('DARTS_V2_RNN').genotype.recurrent.nodes.map((node, index) => [
          { primitive: 'tanh', input: 0 },
          ...(index > 1 ? [{ primitive: 'identity', input: 0 } as const] : []),
          ...node.filter(({ input }) => input > 0),
        ]),
        concat: [1, 2, 3, 4, 5, 6, 7, 8],
      },
    };
    const planted = codeOfGenotype(genotype, RECURRENT_SPACE);
    const rule = { samples: 9, scope: 'node', parameterisation: 'relu' } as const;
    expect(deriveGenotype(planted, RECURRENT_SPACE, rule)).toEqual(genotype);
  });

  function derivedBy(name: MethodName, alphas: Float64Array) {
    const method = METHOD_TABLE[name];
    return method.learns ? method.derive(alphas, RECURRENT_SPACE, resolveOptions(name)) : undefined;
  }
});
