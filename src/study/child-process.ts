// One command in a process of its own, on a tether (`tether.ts`). It stands outside of our process group: Ctrl-C on the
// terminal reaches the study alone, which then interrupts each child once.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as wait } from 'node:timers/promises';
import { packageRoot } from '../../datasets/package-root.js';
import { GenonnxError } from '../errors.js';
import { leaseTimes } from '../runs/lease.js';
import { acquireLock } from '../runs/lock.js';
import { runFiles } from '../runs/run-store.js';
import type { TaskName } from '../tasks/names.js';
import type { ChildSettings } from './config.js';

export interface Ended {
  readonly exitCode: number;
  /** The last lines of its standard error, the newest last. */
  readonly lastLines: readonly string[];
}

export interface ChildWatch {
  /** A file that its standard error is appended to. */
  readonly log: string;
  /** Aborting interrupts it. */
  readonly signal: AbortSignal;
  /** How long it may take to end after that before it is killed; as long as it likes, where it is not given. */
  readonly graceMs?: number;
  /** What the command is of, for those who do not start each one themselves. */
  readonly run?: AskedRun;
}

/** A search or a training as it is asked for, before defaults are resolved. */
export interface AskedRun {
  readonly kind: 'search' | 'train';
  /** For people. */
  readonly title: string;
  /** A run folder, or where one is to be made. */
  readonly folder: string;
  readonly task: TaskName;
  readonly preset: string;
  readonly threads: number;
  /** By their paths, with the data, the seed and the genotype. */
  readonly settings: ChildSettings;
  /** The command that begins it, without the folder. */
  readonly args: readonly string[];
}

/** Runs `genonnx` with the arguments, wherever that is. */
export type StartChild = (args: readonly string[], watch: ChildWatch) => Promise<Ended>;

const keptLines = 12;
const keptBytes = 8192;
const diedExitCode = 1;

export const startChild: StartChild = async (args, { log, signal, graceMs }) => {
  const command = join(packageRoot(), 'bin', 'genonnx.mjs');
  const tether = new URL('./tether.js', import.meta.url).href;
  const file = await open(log, 'a+');
  const listening = new AbortController();
  try {
    const { size: before } = await file.stat();
    const child = spawn(process.execPath, ['--import', tether, command, ...args], {
      // Standard error is the file itself: a pipe would break when the study is killed, and the child at its next word.
      stdio: ['pipe', 'ignore', file.fd],
      detached: true,
      windowsHide: true,
    });
    // A child that is gone already has closed its end.
    child.stdin?.on('error', () => {});
    let killing: NodeJS.Timeout | undefined;
    const interrupt = (): void => {
      child.stdin?.end();
      if (graceMs !== undefined) killing = setTimeout(() => child.kill('SIGKILL'), graceMs);
    };
    if (signal.aborted) interrupt();
    else signal.addEventListener('abort', interrupt, { once: true, signal: listening.signal });
    const [exitCode, killedBy] = await new Promise<[number | null, NodeJS.Signals | null]>(
      (resolve, reject) => {
        child.once('error', reject);
        child.once('exit', (code, by) => resolve([code, by]));
      },
    );
    clearTimeout(killing);
    const lastLines = await linesFrom(file, before);
    if (exitCode === null) lastLines.push(`ended by ${killedBy ?? 'the system'}`);
    return { exitCode: exitCode ?? diedExitCode, lastLines: lastLines.slice(-keptLines) };
  } finally {
    listening.abort();
    await file.close();
  }
};

/** The lines of a file from byte `start` on, but for empty ones; of a long text the end. */
async function linesFrom(file: FileHandle, start: number): Promise<string[]> {
  const { size } = await file.stat();
  const from = Math.max(start, size - keptBytes);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(size - from), 0, size - from, from);
  const lines = buffer.toString('utf8', 0, bytesRead).split('\n');
  return lines.filter((line) => line.trim() !== '');
}

/** How long a process that was interrupted may take to write its checkpoint, or a dead machine to lose its lock. */
const patienceMs = leaseTimes.lostMs + 30_000;
const lookAgainMs = 200;

/**
 * Waits until nobody works in the run folder, or the study is to stop: children of a study that was killed need a moment
 * to notice it.
 * @throws GenonnxError `run-locked` when somebody stays there.
 */
export async function untilFree(folder: string, signal: AbortSignal): Promise<void> {
  if (!existsSync(folder)) return;
  const startedAt = performance.now();
  while (!signal.aborted) {
    try {
      acquireLock(join(folder, runFiles.lock)).release();
      return;
    } catch (error) {
      const isLocked = error instanceof GenonnxError && error.code === 'run-locked';
      if (!isLocked || performance.now() - startedAt > patienceMs) throw error;
    }
    await wait(lookAgainMs);
  }
}
