// The lease of a lock file: its holder renews it, and whoever sees it unrenewed for `lostMs` may take it over.
//
// Renewing is writing the file's first byte again, so that its time of modification moves by the clock of the file system.
// That clock alone says how old a lease is, whatever the clocks of machines say. A holder counts on its lease only for
// `trustedMs` after it renewed it, by its own clocks, which need only go at about the right speed; what lies between
// the two is for slow disks and caches. A holder that was suspended for longer must not write before it knows: it shuts
// out whoever would take the lock over, sees whether it is still its own, and renews it.
import { closeSync, openSync, readSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { GenonnxError } from '../errors.js';
import { temporaryPath } from './atomic.js';
import { elapsedMs, moment } from './elapsed.js';
import { systemCode } from './file-errors.js';

/** A lock that this process holds. */
export interface FileLock {
  /** Looked at before every change. @throws GenonnxError `lease-lost` when somebody else has it by now. */
  requireHeld(): void;
  /** Gives the lock back; a second time does nothing. */
  release(): void;
}

export interface LeaseTimes {
  /** For as long a lock of another machine is believed after it was renewed. */
  readonly lostMs: number;
  /** For as long its holder counts on it without a look. */
  readonly trustedMs: number;
  readonly renewMs: number;
}

/** Calculations hold the event loop up for seconds, slow disks and networks for more. */
export const leaseTimes: LeaseTimes = { lostMs: 120_000, trustedMs: 60_000, renewMs: 15_000 };

/** What a lease must know of its lock. */
interface Held {
  readonly isOurs: () => boolean;
  /** Does something while nobody takes the lock over. @throws GenonnxError `run-locked` while somebody does. */
  readonly alone: <T>(work: () => T) => T;
}

/** Renews the lock file at `path`, which was made just now, until it is released. */
export function keepLease(
  path: string,
  { trustedMs, renewMs }: LeaseTimes,
  { isOurs, alone }: Held,
): FileLock {
  let renewed = moment();
  let isLost = false;
  const renew = (): void => {
    const now = moment();
    if (!isOurs()) isLost = true;
    else {
      touch(path);
      renewed = now;
    }
  };
  /** Whether it is ours, as far as anybody can know. */
  const look = (): boolean => {
    if (!isLost && elapsedMs(renewed) < trustedMs) isLost = !isOurs();
    else if (!isLost) alone(renew);
    return !isLost;
  };
  const timer = setInterval(() => {
    try {
      if (!isLost && look()) renew();
    } catch {
      // The disk may answer again before the lease is lost; whoever writes until then looks first.
    }
    if (isLost) clearInterval(timer);
  }, renewMs);
  timer.unref();
  return {
    requireHeld() {
      if (!look()) throw lost(path);
    },
    release() {
      clearInterval(timer);
      if (!isLost && isOurs()) rmSync(path, { force: true });
      isLost = true;
    },
  };
}

/** Milliseconds since 1970 by the clock that stamps the files beside `path`. */
export function fileClockMs(path: string): number {
  const probe = temporaryPath(path);
  writeFileSync(probe, '');
  try {
    return statSync(probe).mtimeMs;
  } finally {
    rmSync(probe, { force: true });
  }
}

/** Writes the first byte again. Where the file was replaced in the meantime, that changes what nobody reads any more. */
function touch(path: string): void {
  let file: number;
  try {
    file = openSync(path, 'r+');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return;
    throw error;
  }
  try {
    const byte = Buffer.alloc(1);
    if (readSync(file, byte, 0, 1, 0) === 1) writeSync(file, byte, 0, 1, 0);
  } finally {
    closeSync(file);
  }
}

function lost(path: string): GenonnxError {
  return new GenonnxError('lease-lost', 'Another process has taken this run over.', {
    where: path,
    expected: 'the lock of this process, renewed in time',
    found: 'one of another process, or none',
    cure: 'Leave the run to it; this process has written nothing since.',
  });
}
