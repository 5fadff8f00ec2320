import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Slots } from '../../../src/study/slots.js';

describe('Slots', () => {
  it('lets so many in at a time, in order, and the urgent before the others', async () => {
    const slots = new Slots(2);
    const begun: string[] = [];
    let inside = 0;
    let most = 0;
    const work = (name: string) => async () => {
      begun.push(name);
      inside += 1;
      most = Math.max(most, inside);
      await wait(5);
      inside -= 1;
      if (name === 'b') throw new Error('b fails');
    };
    const all = [
      ...['a', 'b', 'c', 'd', 'e'].map((name) => slots.use(work(name))),
      slots.useNext(work('urgent')),
    ];
    const ended = await Promise.allSettled(all);
    expect(most).toBe(2);
    expect(begun).toEqual(['a', 'b', 'urgent', 'c', 'd', 'e']);
    expect(ended.map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      ...Array.from({ length: 4 }, () => 'fulfilled'),
    ]);
    // Every slot has come back, that of the failed work too.
    most = 0;
    await Promise.all(['f', 'g', 'h'].map((name) => slots.use(work(name))));
    expect(most).toBe(2);
  });
});
