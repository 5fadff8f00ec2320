// Ctrl-C, and a request to end: the first asks the run to write a checkpoint and stop, the second ends the process at once.
import process from 'node:process';
import { say } from './output.js';

export const interruptedExitCode = 130;

/**
 * Signals of one request that arrive within this time are one: npm and npx pass on what the terminal sends to all anyway,
 * and `timeout` signals its child and then its child's group.
 */
const oneRequestMs = 300;

export interface Interrupt {
  stopped(): boolean;
  /** Aborted by the first signal. */
  readonly signal: AbortSignal;
  dispose(): void;
}

/** Listens until it is disposed of; `words` are said at the first signal. */
export function onInterrupt(words = 'Stopping after a checkpoint; once more to stop at once.'): Interrupt {
  const controller = new AbortController();
  let askedAt: number | undefined;
  const handle = (signal: NodeJS.Signals): void => {
    const now = performance.now();
    if (askedAt === undefined) say(`\n${words}`);
    else if (now - askedAt > oneRequestMs) endBy(signal);
    askedAt ??= now;
    controller.abort();
  };
  process.on('SIGINT', handle);
  process.on('SIGTERM', handle);
  return {
    stopped: () => askedAt !== undefined,
    signal: controller.signal,
    dispose: () => {
      process.off('SIGINT', handle);
      process.off('SIGTERM', handle);
    },
  };
}

/**
 * Ends this process by the signal, as if nobody had listened to it. `process.exit` would take the runtime's thread apart
 * while it is inside of native code, which then throws what nobody can catch and aborts the process. Nothing is lost:
 * whatever is written is written whole or not at all.
 */
export function endBy(signal: NodeJS.Signals): void {
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
}
