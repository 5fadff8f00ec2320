// Codes as a supernet takes them whose every candidate has a gate of its own.
import type { Feeds } from '../engines/engine.js';
import type { Sample } from '../estimators/estimator.js';

export type CodeOf = Pick<Sample, 'code' | 'forwardGates' | 'backwardGates'>;

/** Code and gates of all cell types. */
export function feedsOfCode({ code, forwardGates, backwardGates }: CodeOf): Feeds {
  const shape = [code.length];
  return {
    code: { shape, data: Float32Array.from(code) },
    forwardGates: { shape, data: Uint8Array.from(forwardGates) },
    backwardGates: { shape, data: Uint8Array.from(backwardGates) },
  };
}
