// Loaded into every child of a study before the command itself: when its standard input ends, the child is interrupted,
// as by Ctrl-C, writes a checkpoint and exits. The study closes that pipe to interrupt its children, and the system
// closes it when the study dies, however it dies; so no run goes on without anybody who waits for it.
import process from 'node:process';
import { isMainThread } from 'node:worker_threads';

// Worker threads load this file too, and have a standard input of their own that says nothing.
if (isMainThread) {
  const { stdin } = process;
  const interrupt = (): void => {
    // Nobody listens before the run has begun: then there is nothing to write. The signal itself ends the process, as
    // `process.exit` could meet the runtime's thread in native code.
    if (!process.emit('SIGINT', 'SIGINT')) process.kill(process.pid, 'SIGINT');
  };
  stdin.once('end', interrupt);
  // A pipe whose other end was killed may be reset instead of ended.
  stdin.once('error', interrupt);
  stdin.resume();
  // The tether alone keeps no process alive.
  if ('unref' in stdin) stdin.unref();
}
