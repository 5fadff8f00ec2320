import { crc32 as reference } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crc32 } from '../../../../src/deploy/pytorch/crc32.js';
import { isZip, openStoredZip } from '../../../../src/deploy/pytorch/stored-zip.js';
import { storedZip } from '../../../support/zip.js';

const content = fc.uint8Array({ maxLength: 100 });

it('crc32 is that of zlib', () => {
  fc.assert(fc.property(content, (bytes) => crc32(bytes) === reference(bytes)));
});

describe('openStoredZip', () => {
  const one = (faults = {}): Uint8Array => storedZip([['a/b', Uint8Array.of(1, 2, 3)]], faults);

  it('gives back every entry, whatever comes behind the end', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ minLength: 1 }), content), content, (files, comment) => {
        const entries = Object.entries(files);
        const bytes = Buffer.concat([storedZip(entries), comment]);
        // A comment that looks like an end of its own would be one.
        fc.pre(!comment.join().includes('80,75,5,6'));
        const zip = openStoredZip(bytes, 'z');
        expect(zip.names).toEqual(entries.map(([name]) => name));
        for (const [name, expected] of entries) {
          expect(zip.sizeOf(name)).toBe(expected.length);
          expect(Uint8Array.from(zip.read(name) ?? [])).toEqual(expected);
        }
        expect(zip.read('none')).toBeUndefined();
        if (entries.length > 0) expect(isZip(bytes)).toBe(true);
      }),
    );
  });

  it('refuses what is changed, cut short, compressed, encrypted or too large', () => {
    expect(() => openStoredZip(one({ checksum: 7 }), 'z').read('a/b')).toThrow(
      /checksum 00000007[\s\S]*55bc801d/,
    );
    expect(() => openStoredZip(one({ method: 8 }), 'z').read('a/b')).toThrow('a compressed entry');
    expect(() => openStoredZip(one({ flags: 1 }), 'z').read('a/b')).toThrow('an encrypted entry');
    expect(() => openStoredZip(one().subarray(0, 60), 'z')).toThrow('cut short');
    const twice = storedZip([
      ['a', Uint8Array.of(1)],
      ['a', Uint8Array.of(2)],
    ]);
    expect(() => openStoredZip(twice, 'z')).toThrow('a twice');
    const large = Uint8Array.from(one());
    large.fill(0xff, large.length - 10, large.length - 2);
    expect(() => openStoredZip(large, 'z')).toThrow(/zip64[\s\S]*state_dict/);
  });

  it('names the entry that lies outside of the file', () => {
    const bytes = Uint8Array.from(one());
    const size = bytes.lastIndexOf(3, bytes.length - 60);
    expect(size).toBeGreaterThan(0);
    // Both lengths of the directory's entry.
    const directory = bytes.length - 22 - 49;
    for (const field of [20, 24]) bytes[directory + field] = 200;
    expect(() => openStoredZip(bytes, 'z').read('a/b')).toThrow(/z: a\/b[\s\S]*200 bytes/);
    for (const field of [42]) bytes[directory + field] = 9;
    expect(() => openStoredZip(bytes, 'z').read('a/b')).toThrow('a header at byte 9');
  });
});
