// A full disk is none of a run's faults: whoever brings a run to where it belongs waits until there is room again.
import { setTimeout as wait } from 'node:timers/promises';
import { GenonnxError } from '../errors.js';
import { saysFullDisk } from '../runs/file-errors.js';

export interface RoomWatch {
  readonly signal: AbortSignal;
  /** Told once, where there is none. */
  readonly onNote?: ((text: string) => void) | undefined;
  /** How often to try again. */
  readonly againMs?: number;
}

/** Does `work` until the disk is not full; whether it was done before the signal came. @throws whatever else it throws. */
export async function waitForRoom(
  work: () => Promise<void>,
  { signal, onNote, againMs = 2_000 }: RoomWatch,
): Promise<boolean> {
  for (let isNew = true; !signal.aborted; isNew = false) {
    try {
      await work();
      return true;
    } catch (error) {
      if (!isFullDisk(error)) throw error;
      if (isNew) onNote?.(`${error.details.where}: the disk is full; waits until there is room`);
      await wait(againMs, undefined, { signal }).catch(() => {});
    }
  }
  return false;
}

function isFullDisk(error: unknown): error is GenonnxError {
  if (!(error instanceof GenonnxError) || error.code !== 'output-unwritable') return false;
  return saysFullDisk([error.details.found ?? '']);
}
