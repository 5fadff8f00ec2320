// The gates among a program's feeds.
import type { Graph } from '../../graphs/ir.js';
import type { Gates } from '../../graphs/live-bytes.js';
import type { Feeds } from './engine.js';

export function gatesOf({ inputs }: Graph, feeds: Feeds): Gates {
  return new Map(
    inputs.flatMap((value) => {
      const data = feeds[value.path]?.data;
      return value.dtype === 'bool' && data instanceof Uint8Array ? [[value, data]] : [];
    }),
  );
}
