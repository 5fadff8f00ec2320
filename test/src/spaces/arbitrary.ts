// Random spaces and genotypes, for properties.
import fc from 'fast-check';
import { CONVOLUTIONAL_FORM, type ConvolutionalGenotype } from '../../../src/spaces/convolutional.js';
import type { CellGenotype, Genotype, GenotypeEntry } from '../../../src/spaces/genotype.js';
import type { AnyGenotype } from '../../../src/spaces/kinds.js';
import { RECURRENT_FORM, type RecurrentGenotype } from '../../../src/spaces/recurrent.js';
import {
  type CellForm,
  type CellType,
  isOperation,
  nodeStates,
  type Operation,
  perCellType,
  type SearchSpace,
  searchSpace,
} from '../../../src/spaces/search-space.js';

/** A space of one cell type, called `cell`. */
export function oneCellSpace<Primitive extends string>({
  nodes,
  primitives,
  inputs = 2,
  kept = 2,
}: {
  readonly nodes: number;
  readonly primitives: readonly Primitive[];
  readonly inputs?: number;
  readonly kept?: number;
}): SearchSpace<'cell', Primitive> {
  return searchSpace({
    name: 'one cell',
    cellTypes: [{ name: 'cell', title: 'Cell', inputs, nodes, primitives, derivation: { kept } }],
  });
}

const WORDS = ['none', 'relu', 'tanh', 'identity', 'max_pool_3x3'] as const;
export type Word = (typeof WORDS)[number];

function cellType(name: string): fc.Arbitrary<CellType<string, Word>> {
  return fc.record({
    name: fc.constant(name),
    title: fc.constant(`Cell ${name}`),
    inputs: fc.integer({ min: 1, max: 3 }),
    nodes: fc.integer({ min: 1, max: 4 }),
    primitives: fc
      .shuffledSubarray([...WORDS], { minLength: 2 })
      .filter((chosen) => chosen.some((word) => word !== 'none')),
    derivation: fc.record({ kept: fc.integer({ min: 1, max: 3 }) }),
  });
}

/** Any space of one to three cell types, each with inputs, nodes and primitives of its own, two at least. */
export const spaces: fc.Arbitrary<SearchSpace<string, Word>> = fc
  .integer({ min: 1, max: 3 })
  .chain((count) => fc.tuple(...['first', 'second', 'third'].slice(0, count).map(cellType)))
  .map((cellTypes) => searchSpace({ name: 'any', cellTypes }));

/** A space of each of the cell types alone. */
export function apart<Name extends string, Primitive extends string>({
  cellTypes,
}: SearchSpace<Name, Primitive>): SearchSpace<Name, Primitive>[] {
  return cellTypes.map((type) => ({ name: type.name, cellTypes: [type] }));
}

function node<Primitive extends string>(
  position: number,
  { inputs, primitives }: CellForm<string, Primitive>,
  operations: number | undefined,
): fc.Arbitrary<GenotypeEntry<Operation<Primitive>>[]> {
  const entry = fc.record({
    primitive: fc.constantFrom(...primitives.filter(isOperation)),
    input: fc.integer({ min: 0, max: inputs + position - 1 }),
  });
  return fc.array(entry, { minLength: operations ?? 1, maxLength: operations ?? 6 });
}

/** States that may be the output. */
function outputStates({ inputs, inputsInOutput = false }: CellForm, nodes: number): number[] {
  return inputsInOutput ? [...Array(inputs + nodes).keys()] : nodeStates({ inputs, nodes });
}

function cell<Primitive extends string>(
  type: CellForm<string, Primitive>,
  operations: number | undefined,
): fc.Arbitrary<CellGenotype<Operation<Primitive>>> {
  const counts = type.nodes === undefined ? fc.integer({ min: 1, max: 7 }) : fc.constant(type.nodes);
  return counts.chain((nodes) =>
    fc.record({
      nodes: fc.tuple(...Array.from({ length: nodes }, (_, position) => node(position, type, operations))),
      concat: fc.shuffledSubarray(outputStates(type, nodes), { minLength: 1 }),
    }),
  );
}

/** Any genotype of the form: half of them with as many operations at every node as it keeps, others with one to six. */
export function genotypesOf<Name extends string, Primitive extends string>({
  cellTypes,
}: {
  readonly cellTypes: readonly CellForm<Name, Primitive>[];
}): fc.Arbitrary<Genotype<Name, Operation<Primitive>>> {
  return fc
    .boolean()
    .chain((flat) =>
      fc.tuple(...cellTypes.map((type) => cell(type, flat ? type.derivation.kept : undefined))),
    )
    .map((cells) =>
      perCellType(cellTypes, (_, index) => {
        const own = cells[index];
        if (own === undefined) throw new RangeError('cell');
        return own;
      }),
    );
}

/** Any convolutional genotype. */
export const genotypes: fc.Arbitrary<ConvolutionalGenotype> = genotypesOf(CONVOLUTIONAL_FORM);

/** Any recurrent genotype; the output of half of them is all of their nodes, as that of a derived one is. */
export const recurrentGenotypes: fc.Arbitrary<RecurrentGenotype> = fc.oneof(
  genotypesOf(RECURRENT_FORM),
  genotypesOf(RECURRENT_FORM).map(({ recurrent: { nodes } }) => ({
    recurrent: { nodes, concat: nodeStates({ inputs: 1, nodes: nodes.length }) },
  })),
);

/** Any genotype of either kind. */
export const anyGenotypes: fc.Arbitrary<AnyGenotype> = fc.oneof(
  genotypes.map((genotype): AnyGenotype => ({ kind: 'convolutional', genotype })),
  recurrentGenotypes.map((genotype): AnyGenotype => ({ kind: 'recurrent', genotype })),
);
