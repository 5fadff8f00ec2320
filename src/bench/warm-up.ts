// Warm-up: runs that are not counted, until the median no longer moves. The first runs of a session allocate memory, fill
// caches and wake threads up.
import { settled } from './statistics.js';

export interface WarmUpLimits {
  readonly runs: number;
  /** After this long no further run begins: a large batch has settled by then, or never will. */
  readonly timeMs: number;
}

const usual: WarmUpLimits = { runs: 200, timeMs: 5000 };

/** Runs until the median has settled, or a limit is reached. Resolves with the latencies in milliseconds. */
export async function warmUp(once: () => Promise<number>, limits: WarmUpLimits = usual): Promise<number[]> {
  const latenciesMs: number[] = [];
  let timeMs = 0;
  while (!settled(latenciesMs) && latenciesMs.length < limits.runs && timeMs < limits.timeMs) {
    const latencyMs = await once();
    latenciesMs.push(latencyMs);
    timeMs += latencyMs;
  }
  return latenciesMs;
}
