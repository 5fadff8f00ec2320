import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { reachableCell } from '../../../src/spaces/reachable.js';

const entry = (primitive: string, input: number) => ({ primitive, input });

describe('the operations that an output depends on', () => {
  it('are those on a path from the input to it', () => {
    const cell = { nodes: [[entry('a', 0)], [entry('b', 0), entry('c', 1)], [entry('d', 1)]], concat: [2] };
    expect(reachableCell(cell, 1).nodes).toEqual([[entry('a', 0)], [entry('b', 0), entry('c', 1)], []]);
  });

  it('are not those that read a node without any', () => {
    expect(reachableCell({ nodes: [[], [entry('a', 1)]], concat: [2] }, 1).nodes).toEqual([[], []]);
    expect(reachableCell({ nodes: [[], [entry('a', 0), entry('b', 1)]], concat: [2] }, 1).nodes).toEqual([
      [],
      [entry('a', 0)],
    ]);
  });

  it('are the same when asked for again, and all on a path', () => {
    const cells = fc
      .array(fc.array(fc.nat({ max: 3 }), { maxLength: 4 }), { minLength: 1, maxLength: 4 })
      .map((nodes) => ({
        nodes: nodes.map((inputs, node) =>
          inputs.filter((input) => input <= node).map((input) => entry('op', input)),
        ),
        concat: [nodes.length],
      }));
    fc.assert(
      fc.property(cells, (cell) => {
        const once = reachableCell(cell, 1);
        expect(reachableCell(once, 1)).toEqual(once);
        once.nodes.forEach((entries, node) => {
          const isRead = once.nodes.some((others) => others.some(({ input }) => input === node + 1));
          if (entries.length > 0) expect(isRead || once.concat.includes(node + 1)).toBe(true);
          for (const { input } of entries) if (input > 0) expect(once.nodes[input - 1]).not.toHaveLength(0);
        });
      }),
    );
  });
});
