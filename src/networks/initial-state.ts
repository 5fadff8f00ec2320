// Fresh state, in the order of the slots, from the stream of the weights.
import type { StateVector } from '../../graphs/program.js';
import { type Slot, totalSize } from '../../graphs/slots.js';
import type { RandomStream } from '../random.js';
import type { StepState } from './step.js';

/** The vectors of a state as they are before the first step. */
export type InitialState = { readonly [N in keyof StepState]: StateVector };

/** Parameters are drawn first, then statistics; what an optimizer remembers is zero and draws nothing. */
export function initialState(state: StepState, stream: RandomStream): InitialState {
  const { parameters, statistics, ...others } = state;
  return {
    parameters: fill(parameters, stream),
    statistics: fill(statistics, stream),
    ...Object.fromEntries(Object.entries(others).map(([name, slots]) => [name, fill(slots, stream)])),
  };
}

function fill(slots: readonly Slot[], stream: RandomStream): StateVector {
  const vector = new Float32Array(totalSize(slots));
  freshWeights(slots, stream).forEach((values, i) => {
    vector.set(values, slots[i]?.offset ?? 0);
  });
  return { shape: [vector.length], data: vector };
}

/** One array for each slot. */
export function freshWeights(slots: readonly Slot[], stream: RandomStream): Float32Array[] {
  return slots.map(({ initial, size }) =>
    initial.kind === 'constant'
      ? new Float32Array(size).fill(initial.value)
      : Float32Array.from({ length: size }, () => (2 * stream.uniform() - 1) * initial.bound),
  );
}
