import { describe, expect, it } from 'vitest';
import {
  DARTS_SPACE,
  edgeCount,
  edgeIndex,
  edgesOfNode,
  entryCount,
} from '../../../src/spaces/search-space.js';

describe('cell space', () => {
  it('numbers the edges node by node, with no gap', () => {
    expect(Array.from({ length: 4 }, (_, node) => edgesOfNode(node))).toEqual([
      [0, 1],
      [2, 3, 4],
      [5, 6, 7, 8],
      [9, 10, 11, 12, 13],
    ]);
    expect(edgeIndex(3, 4)).toBe(13);
    expect([1, 2, 3, 4, 5].map(edgeCount)).toEqual([2, 5, 9, 14, 20]);
    expect(entryCount(DARTS_SPACE)).toBe(112);
  });
});
