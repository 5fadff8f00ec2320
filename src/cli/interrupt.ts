// Ctrl-C: the first asks the run to write a checkpoint and stop, the second ends the process at once.
import process from 'node:process';
import { say } from './output.js';

export const interruptedExitCode = 130;

export interface Interrupt {
  stopped(): boolean;
  dispose(): void;
}

export function onInterrupt(): Interrupt {
  let asked = false;
  const handle = (): void => {
    if (asked) process.exit(interruptedExitCode);
    asked = true;
    say('\nStopping after a checkpoint; once more to stop at once.');
  };
  process.on('SIGINT', handle);
  process.on('SIGTERM', handle);
  return {
    stopped: () => asked,
    dispose: () => {
      process.off('SIGINT', handle);
      process.off('SIGTERM', handle);
    },
  };
}
