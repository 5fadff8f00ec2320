// Weights of language models from elsewhere: what of a state dict is the network's.
//
// The table of embeddings is the decoder's matrix, too, and a state dict of the released definitions lists it under both names.
// That of a search has a batch norm besides, and matrices of the same names and shapes as a derived network's, which they are not:
// every node shares them among all of its operations.
import { GenonnxError } from '../errors.js';
import { recurrentName } from '../networks/recurrent/weights.js';
import type { NamedWeights } from './match-weights.js';

/**
 * The weights without the decoder's second name for the table.
 * @param named by names without `module.` in front.
 * @throws GenonnxError `weights-mismatch` for the weights of a search, and where the decoder has another matrix.
 */
export function tiedWeights(named: NamedWeights): NamedWeights {
  const norm = [...named.keys()].find((name) => name.startsWith(`${recurrentName.norm}.`));
  if (norm !== undefined) {
    throw new GenonnxError('weights-mismatch', 'These are weights of a search, not of a derived network.', {
      where: '`weights`',
      expected: 'a language model that was trained with the genotype',
      found: `${norm}, which only a search has`,
      cure: 'Train the genotype, and give the weights of that training.',
    });
  }
  const { [recurrentName.table]: table, [recurrentName.tied]: tied } = Object.fromEntries(named);
  if (table !== undefined && tied !== undefined) requireSameMatrix(table, tied);
  return new Map([...named].filter(([name]) => name !== recurrentName.tied));
}

type Matrix = NonNullable<ReturnType<NamedWeights['get']>>;

function requireSameMatrix(table: Matrix, tied: Matrix): void {
  const refuse = (found: string): GenonnxError =>
    new GenonnxError('weights-mismatch', 'The decoder has a matrix of its own.', {
      where: `\`weights\`, ${recurrentName.tied}`,
      expected: `the numbers of ${recurrentName.table}: here both are one matrix`,
      found,
      cure: 'Train with tied weights; models of two matrices are not made here.',
    });
  if (tied.shape.join() !== table.shape.join()) throw refuse(`[${tied.shape}] instead of [${table.shape}]`);
  const at = table.data.findIndex((value, i) => !Object.is(value, tied.data[i]) && value !== tied.data[i]);
  if (at >= 0) throw refuse(`${tied.data[at]} instead of ${table.data[at]} as number ${at + 1}`);
}
