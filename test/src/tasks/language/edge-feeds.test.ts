// Codes as edges: which learn, and which only run.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RECURRENT_SPACE, recurrentSpace } from '../../../../src/spaces/recurrent.js';
import { edgeFeeds } from '../../../../src/tasks/language/edge-feeds.js';
import { defined } from '../../../support/tensors.js';

const list = (feeds: ReturnType<typeof edgeFeeds>, name: string): number[] =>
  Array.from(defined(feeds[name]).data, Number);

describe('the edges of a code', () => {
  const space = recurrentSpace('two nodes', { nodes: 2, primitives: ['none', 'tanh', 'identity'] });

  it('are open where an operation is, and by no `none`', () => {
    const feeds = edgeFeeds(space, {
      code: Float64Array.from([1, 0, 0, 0, 0.5, 0.25, 2, 0, 0]),
      //                      s0 -> s1   s0 -> s2   s1 -> s2
      forwardGates: Uint8Array.from([1, 0, 0, 0, 1, 0, 1, 0, 1]),
      backwardGates: Uint8Array.from([1, 0, 0, 0, 1, 0, 1, 0, 0]),
    });
    expect(list(feeds, 'learning.0')).toEqual([]);
    expect(list(feeds, 'forward.0')).toEqual([]);
    expect(list(feeds, 'learning.1')).toEqual([0]);
    expect(list(feeds, 'forward.1')).toEqual([1]);
    expect(list(feeds, 'alive')).toEqual([0, 1]);
    expect(defined(feeds.code)).toEqual({
      shape: [9],
      data: Float32Array.from([1, 0, 0, 0, 0.5, 0.25, 2, 0, 0]),
    });
  });

  const gates = fc.uint8Array({ min: 0, max: 1, minLength: 180, maxLength: 180 });
  it('learn or only run, never both, and what learns keeps its node alive', () => {
    fc.assert(
      fc.property(gates, gates, (f, b) => {
        const feeds = edgeFeeds(RECURRENT_SPACE, {
          code: new Float64Array(180),
          forwardGates: f,
          backwardGates: b,
        });
        const opens = (of: Uint8Array, edge: number) => of.subarray(5 * edge + 1, 5 * edge + 5).includes(1);
        for (let node = 0, edge = 0; node < 8; node++) {
          const learning = list(feeds, `learning.${node}`);
          const forward = list(feeds, `forward.${node}`);
          for (let state = 0; state <= node; state++, edge++) {
            expect(learning.includes(state)).toBe(opens(b, edge));
            expect(forward.includes(state)).toBe(opens(f, edge) && !opens(b, edge));
          }
          expect(list(feeds, 'alive')[node]).toBe(learning.length === 0 ? 0 : 1);
          for (const name of ['learning', 'forward']) {
            const { shape, data } = defined(feeds[`${name}.${node}`]);
            expect(data).toBeInstanceOf(BigInt64Array);
            expect(shape).toEqual([data.length]);
          }
        }
      }),
      { numRuns: 40 },
    );
  });
});
