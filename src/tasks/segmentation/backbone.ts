// A backbone's weights from elsewhere in the place of fresh ones: what a classifier learnt on ImageNet, say, whose last layer and
// auxiliary head tell its own classes and are left out.
import type { Slot } from '../../../graphs/slots.js';
import { matchWeights, type NamedWeights, plainNames } from '../../deploy/match-weights.js';
import { vectorIn } from '../../engines/transfer.js';
import { GenonnxError } from '../../errors.js';
import { backboneWeights } from '../../networks/deeplab/backbone-weights.js';
import { type StepState, stateNames } from '../../networks/step.js';
import type { Arrays } from '../../runs/snapshot.js';

/** In front of the names of a backbone's weights. */
const BACKBONE = 'backbone.';

/** By the names that they have in a segmentation network, be they of one or of a classifier. @throws as `backboneWeights`. */
function ofBackbone(named: NamedWeights): NamedWeights {
  const plain = plainNames(named);
  const own = [...plain].filter(([name]) => name.startsWith(BACKBONE));
  return own.length > 0 ? new Map(own) : backboneWeights(plain);
}

interface Part {
  readonly vector: string;
  readonly slot: Slot;
}

/**
 * `fresh` with a backbone's weights in their places.
 * @throws GenonnxError `weights-mismatch` for weights that are not all of the backbone, and nothing else.
 */
export function withBackbone(fresh: Arrays, state: StepState, named: NamedWeights): Arrays {
  const parts = [stateNames.parameters, stateNames.statistics].flatMap((vector): Part[] =>
    (state[vector] ?? []).filter(({ name }) => name.startsWith(BACKBONE)).map((slot) => ({ vector, slot })),
  );
  const values = matched(
    parts.map(({ slot }) => slot),
    ofBackbone(named),
  );
  const vectors = new Map<string, Float32Array>(
    [stateNames.parameters, stateNames.statistics].map((name) => [name, vectorIn(fresh, name).slice()]),
  );
  parts.forEach(({ vector, slot }, i) => {
    const data = values[i];
    if (data !== undefined) vectors.get(vector)?.set(data, slot.offset);
  });
  return {
    ...fresh,
    ...Object.fromEntries([...vectors].map(([name, data]) => [name, { shape: [data.length], data }])),
  };
}

function matched(slots: readonly Slot[], named: NamedWeights): Float32Array[] {
  try {
    return matchWeights(slots, named);
  } catch (error) {
    if (!(error instanceof GenonnxError) || error.code !== 'weights-mismatch') throw error;
    throw new GenonnxError(
      'weights-mismatch',
      'The weights are not those of this backbone.',
      {
        ...error.details,
        where: '`backbone`',
        cure: 'Give the run, or the weights, of an ImageNet network of the same `genotype`, `cells` and `initChannels`.',
      },
      { cause: error },
    );
  }
}
