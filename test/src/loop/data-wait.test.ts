import { setTimeout } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { DataWait } from '../../../src/loop/data-wait.js';

it('is the time between asking for a batch and having it, as a share of an epoch, and begins anew', async () => {
  const wait = new DataWait();
  expect(await wait.during(() => 'ready')).toBe('ready');
  expect(await wait.during(() => setTimeout(60, 'later'))).toBe('later');
  await expect(
    wait.during(() => setTimeout(60).then(() => Promise.reject(new Error('broken')))),
  ).rejects.toThrow('broken');
  const share = wait.shareOf(1);
  expect(share).toBeGreaterThan(0.11);
  expect(share).toBeLessThan(0.5);
  expect(wait.shareOf(1)).toBe(0);
});
