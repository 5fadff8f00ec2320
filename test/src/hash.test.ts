// The hash against Node's, of which it must be the same: seeds and checksums were made with that one.
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { describe, expect, it } from 'vitest';
import { sha256, sha256Hex } from '../../src/hash.js';
import { openStream } from '../../src/random.js';

describe('sha256', () => {
  it('is that of node:crypto, of bytes and of texts', () => {
    const content = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.string({ unit: 'binary', maxLength: 300 }),
      // Lone surrogates, too: both write the replacement character.
      fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units)),
    );
    fc.assert(
      fc.property(content, (data) => {
        const expected = createHash('sha256').update(data);
        expect(sha256Hex(data)).toBe(expected.copy().digest('hex'));
        expect([...sha256(data)]).toEqual([...expected.digest()]);
      }),
    );
  });

  it('hashes a part of a buffer alone', () => {
    const whole = Uint8Array.from({ length: 100 }, (_, i) => i);
    expect(sha256Hex(whole.subarray(3, 70))).toBe(sha256Hex(whole.slice(3, 70)));
  });
});

describe('the seed of a stream', () => {
  it('is the first four bytes, as a little-endian integer: streams of earlier versions go on', () => {
    fc.assert(
      fc.property(fc.integer(), fc.string(), (seed, name) => {
        const first = createHash('sha256').update(`${seed}/${name}`).digest().readInt32LE(0);
        expect(openStream(seed, name).state().words).toEqual([...xoroshiro128plus(first).getState()]);
      }),
    );
  });
});
