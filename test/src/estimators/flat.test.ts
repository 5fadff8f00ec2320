// A space of several cell types is nothing but its cell types one behind the other: whatever is sampled, derived or added up
// over its flat vector is what each of them gives alone, drawing from the same stream one after the other.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deriveGenotype } from '../../../src/estimators/derive.js';
import { deriveByStrongestEdges, deriveByStrongestOperations } from '../../../src/estimators/derive-darts.js';
import { operationMask } from '../../../src/estimators/groups.js';
import { initialAlphas } from '../../../src/estimators/initial-alphas.js';
import { METHOD_TABLE, METHODS, resolveOptions } from '../../../src/estimators/methods.js';
import { probabilitiesOf, relativeEntropies } from '../../../src/estimators/probabilities.js';
import { sampleGenotype } from '../../../src/estimators/random.js';
import { budgetPenalty, expectedCost, meanEntropy } from '../../../src/estimators/regularisers.js';
import { openStream } from '../../../src/random.js';
import { codeOfGenotype } from '../../../src/spaces/code.js';
import { fullGenotype } from '../../../src/spaces/full-genotype.js';
import { entryCount, type SearchSpace, sections } from '../../../src/spaces/search-space.js';
import { apart, spaces } from '../spaces/arbitrary.js';
import { randomValues } from './values.js';

const seeds = fc.nat(10_000);
const runs = { numRuns: 40 };

/** The parts of a flat vector. */
function cut<T extends Float64Array | Uint8Array>(values: T, space: SearchSpace): ReturnType<T['slice']>[];
function cut(values: Float64Array | Uint8Array, space: SearchSpace) {
  return sections(space).map(({ start, end }) => values.slice(start, end));
}

function joined(parts: readonly Float64Array[]): Float64Array {
  return Float64Array.from(parts.flatMap((part) => [...part]));
}

describe.each(METHODS)('the method %s', (name) => {
  it.each(['architecture', 'weights', 'joint'] as const)('draws cell type after cell type (%s)', (phase) => {
    fc.assert(
      fc.property(spaces, seeds, (space, seed) => {
        const { create } = METHOD_TABLE[name];
        const options = resolveOptions(name);
        const alphas = randomValues(seed, entryCount(space), 0, 1);
        const gradient = randomValues(seed + 1, entryCount(space), 0, 1);
        const [flatStream, stream] = [openStream(seed, 'gumbel'), openStream(seed, 'gumbel')];
        const flat = create(space, phase, options).sample(alphas, flatStream, 1.5);
        const parts = apart(space).map((one, index) =>
          create(one, phase, options).sample(cut(alphas, space)[index]!, stream, 1.5),
        );
        expect(flatStream.state()).toEqual(stream.state());
        expect(cut(flat.code, space)).toEqual(parts.map(({ code }) => code));
        expect(cut(flat.forwardGates, space)).toEqual(parts.map(({ forwardGates }) => forwardGates));
        expect(cut(flat.backwardGates, space)).toEqual(parts.map(({ backwardGates }) => backwardGates));
        const pulled = parts.map((part, index) => part.pullback(cut(gradient, space)[index]!));
        expect(cut(flat.pullback(gradient), space)).toEqual(pulled);
        const moved = alphas.map((a, entry) => a + gradient[entry]!);
        expect(flat.afterStep?.(alphas, moved)).toEqual(
          flat.afterStep &&
            joined(parts.map((part, i) => part.afterStep!(cut(alphas, space)[i]!, cut(moved, space)[i]!))),
        );
      }),
      runs,
    );
  });

  it('derives or draws cell type after cell type', () => {
    fc.assert(
      fc.property(spaces, seeds, (space, seed) => {
        const method = METHOD_TABLE[name];
        const alphas = randomValues(seed, entryCount(space), 0, 1);
        const [whole, each] = [openStream(seed, 'genotype'), openStream(seed, 'genotype')];
        const of = (one: SearchSpace, values: Float64Array, stream: typeof whole) =>
          method.learns ? method.derive(values, one, resolveOptions(name)) : method.draw(one, stream);
        const genotype = of(space, alphas, whole);
        const parts = apart(space).map((one, index) => of(one, cut(alphas, space)[index]!, each));
        expect(genotype).toEqual(Object.assign({}, ...parts));
        expect(Object.keys(genotype)).toEqual(space.cellTypes.map((type) => type.name));
        expect(() => codeOfGenotype(genotype, space)).not.toThrow();
      }),
      runs,
    );
  });
});

describe('what is computed over a flat vector', () => {
  const scopes = fc.constantFrom('edge', 'node');
  const parameterisations = fc.constantFrom('softmax', 'relu');

  it('is what its parts give: alphas, probabilities, entropies, penalties', () => {
    fc.assert(
      fc.property(spaces, seeds, scopes, parameterisations, (space, seed, scope, parameterisation) => {
        const distribution = { scope, parameterisation, samples: 3 };
        const size = entryCount(space);
        const [flatStream, stream] = [openStream(seed, 'alphas'), openStream(seed, 'alphas')];
        const alphas = initialAlphas(space, parameterisation, flatStream).map((a, i) => a + (i % 7) / 7);
        const alone = apart(space).map((one) => initialAlphas(one, parameterisation, stream));
        expect(alphas).toEqual(joined(alone).map((a, i) => a + (i % 7) / 7));

        const costs = randomValues(seed, size, 5, 1).map(
          (cost, entry) => cost * operationMask(space)[entry]!,
        );
        const parts = apart(space).map((one, index) => {
          const [own, price] = [cut(alphas, space)[index]!, cut(costs, space)[index]!];
          return {
            probabilities: probabilitiesOf(own, one, distribution),
            entropies: relativeEntropies(own, one, distribution),
            entropy: meanEntropy(own, one, distribution),
            cost: expectedCost(own, one, distribution, price),
          };
        });
        expect(probabilitiesOf(alphas, space, distribution)).toEqual(
          joined(parts.map(({ probabilities }) => probabilities)),
        );
        expect(relativeEntropies(alphas, space, distribution)).toEqual(
          Object.assign({}, ...parts.map(({ entropies }) => entropies)),
        );
        const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
        const entropy = meanEntropy(alphas, space, distribution);
        expect(entropy.value).toBe(sum(parts.map((part) => part.entropy.value)));
        expect(entropy.gradient).toEqual(joined(parts.map((part) => part.entropy.gradient)));
        const cost = expectedCost(alphas, space, distribution, costs);
        expect(cost.value).toBe(sum(parts.map((part) => part.cost.value)));
        expect(cost.gradient).toEqual(joined(parts.map((part) => part.cost.gradient)));
        const { expected } = budgetPenalty(alphas, space, distribution, { costs, fixed: 2, budget: 1 });
        expect(expected).toBeCloseTo(2 + cost.value, 9);
      }),
      runs,
    );
  });

  it('is what its parts give: the strongest edges and operations, and random genotypes', () => {
    fc.assert(
      fc.property(spaces, seeds, parameterisations, (space, seed, parameterisation) => {
        const alphas = randomValues(seed, entryCount(space), 0.5, 1);
        const rule = { samples: 3, scope: 'node', parameterisation } as const;
        const rules = [
          (values: Float64Array, one: SearchSpace) => deriveGenotype(values, one, rule),
          (values: Float64Array, one: SearchSpace) => deriveByStrongestEdges(values, one, parameterisation),
          (values: Float64Array, one: SearchSpace) =>
            deriveByStrongestOperations(values, one, parameterisation),
        ];
        for (const derive of rules) {
          const parts = apart(space).map((one, index) => derive(cut(alphas, space)[index]!, one));
          expect(derive(alphas, space)).toEqual(Object.assign({}, ...parts));
        }
        const stream = openStream(seed, 'genotype');
        const parts = apart(space).map((one) => sampleGenotype(one, stream, { kind: 'codes' }));
        expect(sampleGenotype(space, openStream(seed, 'genotype'), { kind: 'codes' })).toEqual(
          Object.assign({}, ...parts),
        );
      }),
      runs,
    );
  });

  it('has every operation open in the genotype with all of them', () => {
    fc.assert(
      fc.property(spaces, (space) => {
        expect(codeOfGenotype(fullGenotype(space), space)).toEqual(Float64Array.from(operationMask(space)));
      }),
      runs,
    );
  });
});
