// Random search: genotypes drawn uniformly from those that a method could have derived. The baseline of every comparison;
// it learns nothing. Li and Talwalkar, "Random Search and Reproducibility for Neural Architecture Search", UAI 2019.
//
// Three spaces of genotypes, after the methods that they stand beside:
//
//   edges        every node takes n of its edges, and one operation on each: what DARTS derives (n = `kept`)
//   operations   every node takes n of its (edge, operation) pairs: what GDAS derives (n = `kept`)
//   codes        every node takes 1 to n of its pairs, any set of them: what DATA derives (n = M, node scope)
//
// Nodes are independent, so that a uniform genotype is a uniform choice at every node. `none` is no operation.
import { GenonnxError } from '../errors.js';
import type { RandomStream } from '../random.js';
import { codeOfGenotype } from '../spaces/code.js';
import type { CellGenotype, Genotype, GenotypeEntry } from '../spaces/genotype.js';
import {
  type CellType,
  inputsOfNode,
  isOperation,
  type Operation,
  outputStates,
  perCellType,
  type SearchSpace,
} from '../spaces/search-space.js';
import type { Estimator } from './estimator.js';
import { openOperations } from './gates.js';
import { operationMask } from './groups.js';
import { requireEntries } from './requirements.js';

export interface RandomGenotypes {
  /** Which space of genotypes. Default `edges`. */
  readonly kind?: 'edges' | 'operations' | 'codes';
  /** n; a node that has fewer edges or pairs takes all of them. Default: what a node of the cell type keeps. */
  readonly operationsPerNode?: number;
}

/**
 * A genotype, uniform over the space; cell type by cell type, node by node. Operations are listed by edge, then by
 * primitive. @throws `usage` for an n out of range, and for a search space in which nothing computes.
 */
export function sampleGenotype<Name extends string, Primitive extends string>(
  space: SearchSpace<Name, Primitive>,
  stream: RandomStream,
  options: RandomGenotypes = {},
): Genotype<Name, Operation<Primitive>> {
  return perCellType(space.cellTypes, (cellType) => sampleCell(cellType, stream, options));
}

/** As an estimator: the code of a random genotype, whatever the alphas, and no gradient. Its `sample` throws `shape`. */
export function uniformGenotypes(space: SearchSpace, options: RandomGenotypes = {}): Estimator {
  const operations = operationMask(space);
  return {
    sample(alphas, stream) {
      requireEntries(alphas, space, 'alphas');
      const code = codeOfGenotype(sampleGenotype(space, stream, options), space);
      const gates = openOperations(code, operations);
      return {
        code,
        forwardGates: gates,
        backwardGates: gates.slice(),
        pullback(codeGradient) {
          requireEntries(codeGradient, space, 'code gradients');
          return new Float64Array(codeGradient.length);
        },
      };
    },
  };
}

function sampleCell<Primitive extends string>(
  cellType: CellType<string, Primitive>,
  stream: RandomStream,
  { kind = 'edges', operationsPerNode = cellType.derivation.kept }: RandomGenotypes,
): CellGenotype<Operation<Primitive>> {
  requireOperations(operationsPerNode);
  const operations = operationsOf(cellType);
  type Entry = GenotypeEntry<Operation<Primitive>>;
  const nodes = Array.from({ length: cellType.nodes }, (_, node) => {
    const inputs = inputsOfNode(cellType, node);
    if (kind === 'edges') {
      return subset(inputs, Math.min(operationsPerNode, inputs), stream).map((input): Entry => {
        return { primitive: elementAt(operations, stream.integer(operations.length)), input };
      });
    }
    const pairs = inputs * operations.length;
    const size =
      kind === 'codes' ? codeSize(pairs, operationsPerNode, stream) : Math.min(operationsPerNode, pairs);
    return subset(pairs, size, stream).map((pair): Entry => {
      const input = Math.floor(pair / operations.length);
      return { primitive: elementAt(operations, pair % operations.length), input };
    });
  });
  return { nodes, concat: outputStates(cellType) };
}

function requireOperations(count: number): void {
  if (Number.isInteger(count) && count >= 1) return;
  throw new GenonnxError('usage', 'The number of operations a node is out of range.', {
    expected: 'a whole number, at least 1',
    found: `${count}`,
    cure: 'DARTS has 2, and 1 in recurrent cells.',
  });
}

function operationsOf<Primitive extends string>({
  name,
  primitives,
}: CellType<string, Primitive>): Operation<Primitive>[] {
  const operations = primitives.filter(isOperation);
  if (operations.length > 0) return operations;
  throw new GenonnxError('usage', 'The search space has no operation to draw.', {
    where: `${name} cell`,
    expected: 'a primitive other than none',
    found: 'none only',
    cure: 'Add primitives to the space.',
  });
}

/** `size` of the numbers 0 to `count` - 1, every set equally likely, in order. */
function subset(count: number, size: number, stream: RandomStream): number[] {
  const numbers = stream.shuffle(Int32Array.from({ length: count }, (_, i) => i));
  return [...numbers.subarray(0, size).sort()];
}

/** The size of a set that is uniform over all sets of 1 to `most` of `count`: m with probability C(count, m) / sum. */
function codeSize(count: number, most: number, stream: RandomStream): number {
  const largest = Math.min(most, count);
  const choices: number[] = [];
  let choose = 1;
  for (let m = 1; m <= largest; m++) {
    choose = (choose * (count - m + 1)) / m;
    choices.push(choose);
  }
  let left = stream.uniform() * choices.reduce((a, b) => a + b, 0);
  const at = choices.findIndex((ways) => {
    left -= ways;
    return left < 0;
  });
  return at < 0 ? largest : at + 1;
}

function elementAt<T>(items: readonly T[], index: number): T {
  const item = items[index];
  if (item === undefined) throw new RangeError(`No element ${index} of ${items.length}.`);
  return item;
}
