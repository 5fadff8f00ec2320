// The checksum of zip files: the remainder of the bytes, taken as a polynomial over GF(2), by
// x^32 + x^26 + x^23 + ... + x + 1, bits reversed, begun and ended with all bits flipped.
// Source: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, 4.4.7.

const polynomial = 0xedb88320;

/** What eight further bits make of each remainder of eight bits. */
const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit++) remainder = (remainder >>> 1) ^ (remainder & 1 ? polynomial : 0);
  return remainder;
});

export function crc32(bytes: Uint8Array): number {
  let remainder = 0xffffffff;
  for (const byte of bytes) remainder = (remainder >>> 8) ^ (table[(remainder ^ byte) & 0xff] ?? 0);
  return (remainder ^ 0xffffffff) >>> 0;
}
