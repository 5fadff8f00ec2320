// One command in a process of its own, on a tether (`tether.ts`). It stands outside of our process group: Ctrl-C on the
// terminal reaches the study alone, which then interrupts each child once.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as wait } from 'node:timers/promises';
import { execa } from 'execa';
import { packageRoot } from '../../datasets/package-root.js';
import { GenonnxError } from '../errors.js';
import { acquireLock } from '../runs/lock.js';
import { runFiles } from '../runs/run-folder.js';

export interface Ended {
  readonly exitCode: number;
  /** The last lines of its standard error, the newest last. */
  readonly lastLines: readonly string[];
}

/** Runs `genonnx` with the arguments; standard error is appended to the file `log`. Aborting interrupts it. */
export type StartChild = (
  args: readonly string[],
  options: { readonly log: string; readonly signal: AbortSignal },
) => Promise<Ended>;

const keptLines = 12;
const diedExitCode = 1;

export const startChild: StartChild = async (args, { log, signal }) => {
  const root = packageRoot();
  const tether = new URL('./tether.js', import.meta.url).href;
  const lines: string[] = [];
  const child = execa(process.execPath, ['--import', tether, join(root, 'bin', 'genonnx.mjs'), ...args], {
    stdin: 'pipe',
    stdout: 'ignore',
    stderr: ['pipe', { file: log, append: true }],
    buffer: false,
    reject: false,
    detached: true,
    windowsHide: true,
  });
  // A child that is gone already has closed its end.
  child.stdin.on('error', () => {});
  const interrupt = (): void => {
    child.stdin.end();
  };
  if (signal.aborted) interrupt();
  else signal.addEventListener('abort', interrupt, { once: true });
  try {
    const read = async (): Promise<void> => {
      for await (const line of child.iterable({ from: 'stderr', preserveNewlines: false })) {
        if (line.trim() === '') continue;
        lines.push(line);
        if (lines.length > keptLines) lines.shift();
      }
    };
    const reading = read().catch(() => {});
    const { exitCode, signal: killedBy } = await child;
    await reading;
    if (exitCode === undefined) lines.push(`ended by ${killedBy ?? 'the system'}`);
    return { exitCode: exitCode ?? diedExitCode, lastLines: lines };
  } finally {
    signal.removeEventListener('abort', interrupt);
  }
};

/** How long a process that was interrupted may take to write its checkpoint. */
const patienceMs = 120_000;
const lookAgainMs = 200;

/**
 * Waits until nobody works in the run folder: children of a study that was killed need a moment to notice it.
 * @throws GenonnxError `run-locked` when somebody stays there.
 */
export async function untilFree(folder: string, signal: AbortSignal): Promise<void> {
  if (!existsSync(folder)) return;
  const startedAt = performance.now();
  for (;;) {
    try {
      acquireLock(join(folder, runFiles.lock)).release();
      return;
    } catch (error) {
      const isLocked = error instanceof GenonnxError && error.code === 'run-locked';
      if (!isLocked || signal.aborted || performance.now() - startedAt > patienceMs) throw error;
    }
    await wait(lookAgainMs);
  }
}
