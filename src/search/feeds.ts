// Codes as an engine takes them.
import type { Feeds } from '../engines/engine.js';
import type { Sample } from '../estimators/estimator.js';

export type CodeOf = Pick<Sample, 'code' | 'forwardGates' | 'backwardGates'>;

/** Code and gates of both cell types, the normal cell's first. */
export function codeFeeds(normal: CodeOf, reduce: CodeOf): Feeds {
  const join = (a: Uint8Array, b: Uint8Array) => {
    const data = Uint8Array.from([...a, ...b]);
    return { shape: [data.length], data };
  };
  const code = Float32Array.from([...normal.code, ...reduce.code]);
  return {
    code: { shape: [code.length], data: code },
    forwardGates: join(normal.forwardGates, reduce.forwardGates),
    backwardGates: join(normal.backwardGates, reduce.backwardGates),
  };
}
