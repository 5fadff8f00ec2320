// Random genotypes, for properties.
import fc from 'fast-check';
import type { CellGenotype, Genotype, GenotypeEntry } from '../../../src/spaces/genotype.js';
import { PRIMITIVES } from '../../../src/spaces/primitives.js';

const OPERATIONS = PRIMITIVES.filter((primitive) => primitive !== 'none');

function node(position: number, operations: number | undefined): fc.Arbitrary<GenotypeEntry[]> {
  const entry = fc.record({
    primitive: fc.constantFrom(...OPERATIONS),
    input: fc.integer({ min: 0, max: 1 + position }),
  });
  return fc.array(entry, { minLength: operations ?? 1, maxLength: operations ?? 6 });
}

function cell(operations: number | undefined): fc.Arbitrary<CellGenotype> {
  return fc.integer({ min: 1, max: 7 }).chain((nodes) =>
    fc.record({
      nodes: fc.tuple(...Array.from({ length: nodes }, (_, position) => node(position, operations))),
      concat: fc.shuffledSubarray(
        Array.from({ length: nodes }, (_, position) => 2 + position),
        { minLength: 1 },
      ),
    }),
  );
}

/** Any genotype: half of them with two operations at every node, the others with one to six. */
export const genotypes: fc.Arbitrary<Genotype> = fc
  .constantFrom(2, undefined)
  .chain((operations) => fc.record({ normal: cell(operations), reduce: cell(operations) }));
