import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { parseQueueAddress } from '../../../src/queue/address.js';
import { openEngine } from '../../../src/queue/engine.js';
import { redis, redisPassword, redisTls } from '../../support/servers.js';

const opened = (address: string, reachMs: number) => openEngine(parseQueueAddress(address), { reachMs });

describe('a server', () => {
  it.each([
    'redis://:hidden@127.0.0.1:1',
    'rediss://:hidden@127.0.0.1:1',
    'postgres://me:hidden@127.0.0.1:1/runs',
  ])('that does not answer is an error that keeps the password: %s', async (address) => {
    const failed = opened(address, 100);
    await expect(failed).rejects.toMatchObject({ code: 'queue', exitCode: 3 });
    await expect(failed).rejects.toThrow(/The queue cannot be reached\.[\s\S]*127\.0\.0\.1:1/);
    await expect(failed).rejects.not.toThrow('hidden');
  });

  // It would be waited for until the test is over.
  const long = 600_000;

  it('that wants another password is one at once', async ({ skip }) => {
    if (redis.missing !== undefined) skip(redis.missing);
    const server = await redis.start();
    try {
      await expect(opened(server.address.replace(redisPassword, 'no'), long)).rejects.toThrow('WRONGPASS');
    } finally {
      await server.stop();
    }
  });

  it('whose certificate nobody vouches for is one at once', async ({ skip }) => {
    if (redisTls.missing !== undefined) skip(redisTls.missing);
    const server = await redisTls.start();
    try {
      await expect(opened(server.address, long)).rejects.toThrow(/self-signed certificate/);
    } finally {
      await server.stop();
    }
  });

  it('that is just starting is waited for', async ({ skip }) => {
    if (redis.missing !== undefined) skip(redis.missing);
    const server = await redis.start();
    await server.kill();
    const engine = opened(server.address, 30_000);
    await wait(50);
    await server.restart();
    expect((await engine).address.kind).toBe('redis');
    await server.stop();
  });
});
