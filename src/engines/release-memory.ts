// Lowering a large graph leaves some hundred megabytes of garbage behind. It is collected before the runtime creates its
// session, so that the process does not hold both at once.
import v8 from 'node:v8';
import vm from 'node:vm';

/** Collects garbage now. */
export function releaseMemory(): void {
  v8.setFlagsFromString('--expose-gc');
  const collect: unknown = vm.runInNewContext('gc');
  if (typeof collect === 'function') collect();
}
