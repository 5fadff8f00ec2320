// Whole states on their way between an engine and whoever keeps them: a checkpoint, another engine, fresh weights.
import type { StateLayout, StateVector, StateVectors } from '../../graphs/program.js';
import { GenonnxError } from '../errors.js';
import type { EngineState } from './engine.js';

/** Where vectors may come from: a checkpoint has other arrays beside them. */
export type StateSource = Readonly<Record<string, { readonly data: Float32Array | Float64Array }>>;

/** What vectors were called in checkpoints of earlier versions. */
const formerNames: ReadonlyMap<string, string> = new Map([['parameters', 'theta']]);

/** All vectors of a state. */
export async function readState(state: EngineState, layout: StateLayout): Promise<StateVectors> {
  const vectors: Record<string, StateVector> = {};
  for (const name of Object.keys(layout)) {
    const data = await state.read(name);
    vectors[name] = { shape: [data.length], data };
  }
  return vectors;
}

/** Writes all vectors of a state. @throws GenonnxError `file-corrupt` where one is missing, `engine` for another size. */
export async function writeState(
  state: EngineState,
  layout: StateLayout,
  source: StateSource,
): Promise<void> {
  // Nothing is written before all of it is there.
  const vectors = Object.keys(layout).map((name) => [name, vectorIn(source, name)] as const);
  for (const [name, data] of vectors) await state.write(name, data);
}

/** A vector by its name. @throws GenonnxError `file-corrupt` where it is missing. */
export function vectorIn(source: StateSource, name: string): Float32Array {
  const data = (source[name] ?? source[formerNames.get(name) ?? name])?.data;
  if (data instanceof Float32Array) return data;
  throw new GenonnxError('file-corrupt', 'A checkpoint lacks a part of the state.', {
    expected: name,
    found: Object.keys(source).join(', '),
    cure: 'Restore the run from a copy, or start a new one.',
  });
}
