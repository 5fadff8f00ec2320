// Fresh parameters and statistics, in the order of the slots, from the stream of the weights.
import { type Slot, totalSize } from '../../graphs/slots.js';
import type { RandomStream } from '../random.js';
import type { NetworkState } from './step.js';

export interface InitialState {
  readonly parameters: Float32Array;
  readonly statistics: Float32Array;
}

export function initialState({ parameters, statistics }: NetworkState, stream: RandomStream): InitialState {
  return { parameters: fill(parameters, stream), statistics: fill(statistics, stream) };
}

function fill(slots: readonly Slot[], stream: RandomStream): Float32Array {
  const vector = new Float32Array(totalSize(slots));
  freshWeights(slots, stream).forEach((values, i) => {
    vector.set(values, slots[i]?.offset ?? 0);
  });
  return vector;
}

/** One array for each slot. */
export function freshWeights(slots: readonly Slot[], stream: RandomStream): Float32Array[] {
  return slots.map(({ initial, size }) =>
    initial.kind === 'constant'
      ? new Float32Array(size).fill(initial.value)
      : Float32Array.from({ length: size }, () => (2 * stream.uniform() - 1) * initial.bound),
  );
}
