import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { base64, keyOf, utf8 } from '../../graphs/bytes.js';

describe('bytes', () => {
  it('are those of a Buffer', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect([...utf8(text)]).toEqual([...Buffer.from(text)]);
        expect(base64(text)).toBe(Buffer.from(text).toString('base64'));
      }),
    );
  });

  it('have keys that are equal where they are', () => {
    const all = Array.from({ length: 256 }, (_, byte) => keyOf(Uint8Array.of(byte)));
    expect(new Set(all).size).toBe(256);
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(keyOf(bytes)).toBe([...bytes].map((byte) => all[byte]).join(''));
      }),
    );
  });
});
