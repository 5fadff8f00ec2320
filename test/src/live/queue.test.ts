// A page beside a queue on a real Redis, which goes away while somebody looks.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'vitest';
import { live } from '../../../src/library/live.js';
import { madeSearch } from '../../support/made-runs.js';
import { redis } from '../../support/servers.js';

it('says that the queue is silent, and goes on with runs', { timeout: 60_000 }, async ({ skip }) => {
  if (redis.missing !== undefined) skip(redis.missing);
  const folder = mkdtempSync(join(tmpdir(), 'genonnx-live-'));
  const redisServer = await redis.start();
  const server = await live([folder], { port: 0, queue: redisServer.address });
  const events = await fetch(new URL('events', server.url));
  const reader = events.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  const until = async (words: string): Promise<void> => {
    while (!text.includes(words)) {
      const piece = await reader?.read();
      if (piece === undefined || piece.done) throw new Error(`the stream ended before ${words}`);
      text += piece.value;
    }
  };
  try {
    await until('event: queues\ndata: {"queues":[]}');
    await redisServer.stop();
    await until('The server of the queue does not answer.');
    madeSearch(join(folder, 'search'), { epochs: 2 });
    await until('"name":"search"');
    // It ends, though nobody answers its goodbye.
    await server.close();
  } finally {
    await reader?.cancel();
    rmSync(folder, { recursive: true });
  }
});
