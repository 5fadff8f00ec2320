// Weights from elsewhere, by name, put in the order of a network's slots; where they do not fit, why.
import type { Slot } from '../../graphs/slots.js';
import { GenonnxError } from '../errors.js';
import { isCandidateName } from '../networks/paths.js';
import { recurrentName } from '../networks/recurrent/weights.js';

/** Weights by their names in a PyTorch state dict. */
export type NamedWeights = ReadonlyMap<
  string,
  { readonly shape: readonly number[]; readonly data: Float32Array }
>;

/** PyTorch's counters of batches say nothing about the weights. */
export function isCounter(name: string): boolean {
  return name.endsWith('.num_batches_tracked');
}

/** The weights without counters, and without the `module.` that PyTorch's wrappers put in front of each name. */
export function plainNames(named: NamedWeights): NamedWeights {
  return new Map(
    [...named]
      .filter(([name]) => !isCounter(name))
      .map(([name, tensor]) => [name.replace(/^module\./, ''), tensor]),
  );
}

/** The weights without those of the auxiliary head, which a deployed model rarely wants. */
export function withoutAuxiliaryHead(weights: NamedWeights): NamedWeights {
  return new Map([...weights].filter(([name]) => !name.startsWith('auxiliary_head.')));
}

/**
 * The weights in the order of the slots, by PyTorch's names or by those that they have in a model, with `module.` in front
 * or without.
 * @throws GenonnxError `weights-mismatch` with the first three differences and the likely cause.
 */
export function matchWeights(slots: readonly Slot[], named: NamedWeights): Float32Array[] {
  const given = new Map(plainNames(named));
  const differences: string[] = [];
  const found = slots.map(({ name, path, shape }) => {
    const key = given.has(name) ? name : path;
    const tensor = given.get(key);
    given.delete(key);
    if (tensor === undefined) {
      differences.push(`${name}: missing`);
      return new Float32Array(0);
    }
    if (tensor.shape.join() !== shape.join())
      differences.push(`${name}: [${tensor.shape}] instead of [${shape}]`);
    return tensor.data;
  });
  for (const name of given.keys()) differences.push(`${name}: not a part of this network`);
  if (differences.length === 0) return found;
  throw new GenonnxError('weights-mismatch', 'The weights do not fit the network.', {
    expected: `${slots.length} tensors of the network`,
    found: `${differences.length} differences: ${differences.slice(0, 3).join('; ')}`,
    cure: slots.some(({ name }) => name === recurrentName.table)
      ? 'Give the weights of a language model of one layer by the released names: encoder.weight, rnns.0._W0, rnns.0._Ws.0 and so on, decoder.bias.'
      : likelyCause(differences),
  });
}

function likelyCause(differences: readonly string[]): string {
  const every = (pattern: RegExp): boolean => differences.every((text) => pattern.test(text));
  if (every(/^auxiliary_head\..*missing/))
    return 'The weights have no auxiliary head: leave `auxiliary` out.';
  if (every(/^auxiliary_head\..*not a part/))
    return 'The weights have an auxiliary head: ask for `auxiliary`.';
  if (differences.some((text) => text.startsWith(recurrentName.input)))
    return 'These are weights of a language model: give a recurrent genotype.';
  if (differences.some(isCandidateName)) return 'These are weights of a search, not of a derived network.';
  if (every(/ instead of /)) return 'Check `initChannels`, `classes` and the channels of `image`.';
  return 'Check that `genotype`, `cells` and `initChannels` are those that the weights were trained with.';
}
