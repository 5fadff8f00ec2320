// UTF-8, strictly: bytes that are none are refused with the place of the first of them, not replaced.
import { GenonnxError } from '../../graphs/errors.js';

/** Well-formed sequences (The Unicode Standard, table 3-7): range of the first byte, range of the second, length. */
const SEQUENCES: readonly (readonly [
  first: number,
  last: number,
  low: number,
  high: number,
  length: number,
])[] = [
  [0xc2, 0xdf, 0x80, 0xbf, 2],
  [0xe0, 0xe0, 0xa0, 0xbf, 3],
  [0xe1, 0xec, 0x80, 0xbf, 3],
  [0xed, 0xed, 0x80, 0x9f, 3],
  [0xee, 0xef, 0x80, 0xbf, 3],
  [0xf0, 0xf0, 0x90, 0xbf, 4],
  [0xf1, 0xf3, 0x80, 0xbf, 4],
  [0xf4, 0xf4, 0x80, 0x8f, 4],
];

/**
 * The text of a file, a byte order mark at its beginning included. `where` is for the message.
 * @throws GenonnxError `data-corrupt` with the offset of the first byte that is no UTF-8.
 */
export function decodeUtf8(bytes: Uint8Array, where: string): string {
  const offset = wellFormedBytes(bytes);
  if (offset === bytes.length) return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  throw new GenonnxError('data-corrupt', 'A text file is no UTF-8.', {
    where: `${where}, byte ${offset} (from 0)`,
    expected: 'text in UTF-8',
    found: [...bytes.subarray(offset, offset + 4)].map(hex).join(' '),
    cure: 'Convert the file to UTF-8, for instance with iconv, or fetch it again.',
  });
}

/** How many bytes come before the first that begins no well-formed sequence. */
export function wellFormedBytes(bytes: Uint8Array): number {
  let at = 0;
  while (at < bytes.length) {
    const first = bytes[at]!;
    const length = first < 0x80 ? 1 : sequenceLength(bytes, at, first);
    if (length === 0) return at;
    at += length;
  }
  return at;
}

/** Of the sequence of several bytes at `at`; 0 where there is none. */
function sequenceLength(bytes: Uint8Array, at: number, first: number): number {
  const sequence = SEQUENCES.find(([from, to]) => first >= from && first <= to);
  if (sequence === undefined) return 0;
  const [, , low, high, length] = sequence;
  if (at + length > bytes.length || bytes[at + 1]! < low || bytes[at + 1]! > high) return 0;
  const rest = bytes.subarray(at + 2, at + length);
  return rest.every((byte) => byte >= 0x80 && byte <= 0xbf) ? length : 0;
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}
