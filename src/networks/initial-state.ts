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
  for (const { initial, offset, size } of slots) {
    if (initial.kind === 'constant') vector.fill(initial.value, offset, offset + size);
    else for (let i = 0; i < size; i++) vector[offset + i] = (2 * stream.uniform() - 1) * initial.bound;
  }
  return vector;
}
