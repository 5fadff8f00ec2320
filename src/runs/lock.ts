// A lock by process id: at most one living process holds the lock file at `path`. A holder that was killed leaves its
// file behind; since the file says who it was, the next process sees at once that nobody is there, and takes over.
//
// Nothing can be known of a process of another machine, or of another container: its lock is a lease, which it renews
// (`lease.ts`), and which is lost once it has not been renewed for as long as the file says.
//
// Taking over must itself be exclusive, or two processes that see the same dead holder could each remove the other's
// fresh lock. It is: whoever wants to replace the lock with token T first holds the lock `path.T`, by these same rules,
// and then looks again whether T still lies at `path`. A token never comes back, so whoever comes late finds another.
import { randomBytes } from 'node:crypto';
import { linkSync, readFileSync, readlinkSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { z } from 'zod';
import { GenonnxError } from '../errors.js';
import { temporaryPath } from './atomic.js';
import { asUnwritable, systemCode } from './file-errors.js';
import { type FileLock, fileClockMs, keepLease, type LeaseTimes, leaseTimes } from './lease.js';

/** What a lock file holds, as JSON. */
const holderSchema = z.object({
  pid: z.int().positive(),
  host: z.string(),
  /** When that process began, in clock ticks since the machine did (Linux): a process id may be given out again. */
  started: z.string().optional(),
  /** The machine's current boot (Linux). */
  boot: z.string().optional(),
  /** Among which processes its id counts (Linux): containers of one machine have ids of their own. */
  processes: z.string().optional(),
  /** For how long it may be believed without being renewed; for ever where it does not say. */
  leaseMs: z.number().positive().optional(),
  token: z.string().regex(/^[0-9a-f]+$/),
});
type Holder = z.infer<typeof holderSchema>;

/** A lock file that cannot be understood is held for this long, in which its writer may finish it. */
const unfinishedMs = 2_000;

/**
 * Takes the lock at `path`, and renews it until it is released.
 * @throws GenonnxError `run-locked` when a living process holds it, and `output-unwritable`.
 */
export function acquireLock(path: string, times: LeaseTimes = leaseTimes): FileLock {
  const own = ownHolder(times);
  try {
    claim(path, own);
  } catch (error) {
    throw asUnwritable(error, path);
  }
  return keepLease(path, times, {
    isOurs: () => tokenAt(path) === own.token,
    alone: (work) => whileNobodyTakes(path, own.token, times, work),
  });
}

/** `left`: by a process that is gone, and that had no time to give it back. */
export type LockState = 'free' | 'held' | 'left';

/** Whether somebody holds the lock at `path`, for whoever only looks. */
export function lockState(path: string): LockState {
  if (textAt(path) === undefined) return 'free';
  const holder = holderAt(path);
  if (holder !== undefined && isSeen(holder)) return isAlive(holder) ? 'held' : 'left';
  // By this machine's clock: asking the file system for its own would write.
  const trustedMs = holder === undefined ? unfinishedMs : (holder.leaseMs ?? Number.POSITIVE_INFINITY);
  return Date.now() - modifiedMs(path) < trustedMs ? 'held' : 'left';
}

function claim(path: string, own: Holder): void {
  while (!create(path, own)) {
    const token = tokenAt(path);
    if (token === undefined) continue;
    requireLeft(path);
    const replaced = whileNobodyTakes(path, token, leaseTimes, () => {
      if (tokenAt(path) !== token) return false;
      // Its holder may have woken up since, and renewed it.
      requireLeft(path);
      replace(path, own);
      return true;
    });
    if (replaced) return;
  }
}

/** Does `work` while nobody else can replace the lock that has `token`. */
function whileNobodyTakes<T>(path: string, token: string, times: LeaseTimes, work: () => T): T {
  const takeover = `${path}.${token}`;
  const guard = ownHolder(times);
  claim(takeover, guard);
  try {
    return work();
  } finally {
    if (tokenAt(takeover) === guard.token) rmSync(takeover, { force: true });
  }
}

/** @throws GenonnxError `run-locked` unless whoever holds the lock is gone. */
function requireLeft(path: string): void {
  const holder = holderAt(path);
  if (holder === undefined ? isFresh(path) : isHeld(path, holder)) throw locked(path, holder);
}

/** Makes the lock file, complete from its first moment; false when there is one. */
function create(path: string, own: Holder): boolean {
  const temporary = temporaryPath(path);
  writeFileSync(temporary, JSON.stringify(own));
  try {
    linkSync(temporary, path);
    return true;
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    // File systems without hard links: exclusive, though a reader may meet the file before its content.
    return createInPlace(path, own);
  } finally {
    rmSync(temporary, { force: true });
  }
}

function createInPlace(path: string, own: Holder): boolean {
  try {
    writeFileSync(path, JSON.stringify(own), { flag: 'wx' });
    return true;
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    throw error;
  }
}

function replace(path: string, own: Holder): void {
  const temporary = temporaryPath(path);
  writeFileSync(temporary, JSON.stringify(own));
  renameSync(temporary, path);
}

function ownHolder({ lostMs }: LeaseTimes): Holder {
  return {
    pid: process.pid,
    host: hostname(),
    started: processOf(process.pid)?.started,
    boot: bootId(),
    processes: processNamespace(),
    leaseMs: lostMs,
    token: randomBytes(8).toString('hex'),
  };
}

function isHeld(path: string, holder: Holder): boolean {
  if (isSeen(holder)) return isAlive(holder);
  // Locks of versions that renewed nothing are believed.
  return holder.leaseMs === undefined || unrenewedMs(path) < holder.leaseMs;
}

/** Whether the holder, if it lives, is one of the processes that we see. */
function isSeen({ host, processes }: Holder): boolean {
  const own = processNamespace();
  return host === hostname() && (processes === undefined || own === undefined || processes === own);
}

/** By the clock of the file system alone: those of two machines may differ. */
function unrenewedMs(path: string): number {
  return fileClockMs(path) - modifiedMs(path);
}

function isAlive(holder: Holder): boolean {
  const boot = bootId();
  if (holder.boot !== undefined && boot !== undefined && holder.boot !== boot) return false;
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    // EPERM: it exists and belongs to someone else.
    if (systemCode(error) === 'ESRCH') return false;
  }
  const found = processOf(holder.pid);
  if (found === undefined) return true;
  return !found.ended && (holder.started === undefined || holder.started === found.started);
}

/** A process as Linux's /proc/PID/stat describes it; undefined on other systems. */
function processOf(pid: number): { started: string; ended: boolean } | undefined {
  const text = kernelText(`/proc/${pid}/stat`);
  // The second field, the name in parentheses, may hold anything; the third, after the last ")", is the state.
  const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ');
  const state = fields?.[0];
  const started = fields?.[19];
  if (state === undefined || started === undefined) return undefined;
  return { started, ended: state === 'Z' || state === 'X' };
}

function bootId(): string | undefined {
  return kernelText('/proc/sys/kernel/random/boot_id')?.trim();
}

function processNamespace(): string | undefined {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return undefined;
  }
}

function holderAt(path: string): Holder | undefined {
  const text = textAt(path);
  if (text === undefined) return undefined;
  try {
    return holderSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** The token of the lock at `path`, a name of its own for an unfinished one, undefined when there is none. */
function tokenAt(path: string): string | undefined {
  if (textAt(path) === undefined) return undefined;
  return holderAt(path)?.token ?? `unfinished-${modifiedMs(path)}`;
}

function textAt(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Text of a file of the kernel's; undefined where there is none, or it may not be read. */
function kernelText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function isFresh(path: string): boolean {
  return unrenewedMs(path) < unfinishedMs;
}

function modifiedMs(path: string): number {
  return Math.trunc(statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0);
}

function locked(path: string, holder: Holder | undefined): GenonnxError {
  const found = holder === undefined ? 'one that is starting' : `process ${holder.pid} on ${holder.host}`;
  return new GenonnxError('run-locked', 'Another process is working in this run folder.', {
    where: path,
    expected: 'no other process',
    found,
    cure:
      holder?.leaseMs === undefined || isSeen(holder)
        ? `Wait for it or end it; if it is certainly gone, delete ${path}.`
        : `Wait for it or end it; if it is gone, its lock is lost after ${Math.ceil(holder.leaseMs / 1000)} s.`,
  });
}
