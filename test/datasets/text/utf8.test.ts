import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeUtf8, wellFormedBytes } from '../../../datasets/text/utf8.js';
import { expectRefusal } from '../helpers.js';

/** Whether the platform's strict decoder takes the bytes. */
function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/** Bytes among which sequences, whole, cut and overlong, surrogates included, are likely. */
const likely = fc.constantFrom(
  ...[0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec, 0xed, 0xee],
  ...[0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xff],
);
/** The first and last letters of each row of the table. */
const letter = fc.constantFrom(
  ...['\u0000', '\u007f', '\u0080', '\u07ff', '\u0800', '\u0fff', '\u1000', '\ucfff', '\ud000', '\ud7ff'],
  ...['\ue000', '\uffff', '\u{10000}', '\u{3ffff}', '\u{40000}', '\u{fffff}', '\u{100000}', '\u{10ffff}'],
);
const bytes = fc.array(fc.oneof(likely, fc.nat(255)), { maxLength: 12 }).map((all) => Uint8Array.from(all));

describe('wellFormedBytes', () => {
  it('is the longest prefix that a strict decoder takes, sequence by sequence', () => {
    fc.assert(
      fc.property(bytes, (all) => {
        const offset = wellFormedBytes(all);
        const prefixes = Array.from({ length: all.length + 1 }, (_, length) => length).filter((length) =>
          isUtf8(all.subarray(0, length)),
        );
        expect(offset).toBe(prefixes.at(-1));
      }),
      { numRuns: 3000 },
    );
  });

  it('passes any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: letter }), (text) => {
        const encoded = new TextEncoder().encode(text);
        expect(wellFormedBytes(encoded)).toBe(encoded.length);
        expect(decodeUtf8(encoded, 'text')).toBe(text);
      }),
    );
  });
});

describe('decodeUtf8', () => {
  it('keeps a byte order mark, as Python does', () => {
    expect(decodeUtf8(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61), 'text')).toBe('\ufeffa');
  });

  it('refuses Latin-1 with the place of the first byte', async () => {
    const latin = Uint8Array.from('caf\u00e9 au lait', (letter) => letter.charCodeAt(0));
    await expectRefusal(
      () => decodeUtf8(latin, 'a/train.txt'),
      'data-corrupt',
      /where: +a\/train\.txt, byte 3 .*found: +e9 20 61 75$/ms,
    );
  });
});
