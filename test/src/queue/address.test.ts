import { describe, expect, it } from 'vitest';
import { parseQueueAddress } from '../../../src/queue/address.js';
import { refusal } from '../runs/helpers.js';

describe('the address of a queue', () => {
  it.each([
    ['redis://localhost:6379', 'redis'],
    ['rediss://worker:a%40b@queue.example:6380/2', 'redis'],
    ['postgres://me:pw@db/runs?sslmode=require&sslpassword=pw', 'postgres'],
    ['postgresql://db.example:5433/runs', 'postgres'],
  ])('%s is one, and is shown without its secrets', (text, kind) => {
    const address = parseQueueAddress(text);
    expect(address).toMatchObject({ kind, url: text });
    expect(address.shown).not.toMatch(/pw|a%40b|a@b/);
    expect(address.shown).toContain(new URL(text).host);
  });

  it('is refused without being repeated', async () => {
    for (const text of ['localhost:6379', 'http://me:pw@host', 'not an address, pw', 'redis://']) {
      const error = await refusal('usage', () => parseQueueAddress(text));
      expect(error.message).not.toContain('pw');
    }
  });
});
