// What a caller of a long call may watch, and how it is stopped.

import type { Measures } from '../loop/meter.js';
import type { RunHooks } from '../loop/stored-run.js';
import type { Note, Session } from './session.js';

/** What a run is, before its first step. */
export interface Beginning {
  /** Its folder, or `memory`. */
  readonly place: string;
  readonly epochs: number;
  readonly measures: Measures;
}

/** What a caller is told while a run goes on, and how it is stopped. */
export interface Watch<Epoch> {
  /** Before the first step. */
  readonly onBegin?: (run: Beginning) => void;
  /** After each epoch. */
  readonly onEpoch?: (record: Epoch) => void;
  /** After each step: how much of the run is done, between 0 and 1, and where it is, in words. */
  readonly onProgress?: (done: number, note: string) => void;
  /** What was chosen for the caller, in words, such as the engine. */
  readonly onNote?: Note;
  /** Once it is aborted the run writes a checkpoint and stops. */
  readonly signal?: Pick<AbortSignal, 'aborted'>;
}

export function hooksOf<Epoch>({ onEpoch, onProgress, signal }: Watch<Epoch>): RunHooks<Epoch> {
  return {
    epoch: (record) => onEpoch?.(record),
    progress: (done, note) => onProgress?.(done, note),
    stopped: () => signal?.aborted === true,
  };
}

/** Says what is about to be done, and of what. */
export function announce<Epoch>(
  {
    place,
    settings,
    problem,
    engine,
  }: Session<{ readonly epochs: number }, { readonly description: string; readonly measures: Measures }>,
  { onBegin, onNote }: Watch<Epoch>,
): void {
  onNote?.(`${problem.description}; ${engine.description}`);
  onBegin?.({ place, epochs: settings.epochs, measures: problem.measures });
}

export function noteOf({ onNote }: Pick<Watch<unknown>, 'onNote'>): Note {
  return (text) => onNote?.(text);
}
