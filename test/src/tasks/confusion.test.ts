import { describe, expect, it } from 'vitest';
import { confusionOf, confusionSchema, printConfusion } from '../../../src/tasks/confusion.js';

describe('the table of confusions', () => {
  const total = Float64Array.of(5, 1, 0, 2, 7, 1, 0, 0, 3);
  const classes = ['a "quoted" one', 'b', 'c'];

  it('has true classes as rows', () => {
    expect(confusionOf(classes, total).counts).toEqual([
      [5, 1, 0],
      [2, 7, 1],
      [0, 0, 3],
    ]);
    expect(() => confusionOf(['a'], total)).toThrow(RangeError);
  });

  it('is JSON with one row a line', () => {
    const confusion = confusionOf(classes, total);
    const text = printConfusion(confusion);
    expect(confusionSchema.parse(JSON.parse(text))).toEqual(confusion);
    expect(text).toContain('\n    [2,7,1],\n');
  });
});
