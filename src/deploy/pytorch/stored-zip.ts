// Zip files whose entries are stored as they are, without compression: what `torch.save` writes. An entry is then a
// stretch of the file, and nothing in the file can make a reader take more memory than the file has bytes.
// Source: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, 4.3.
// A file comes from anywhere, so nothing in it is believed.
import { GenonnxError } from '../../errors.js';
import { crc32 } from './crc32.js';

export interface StoredZip {
  readonly names: readonly string[];
  /** Length of an entry in bytes; undefined where there is none of that name. */
  sizeOf(name: string): number | undefined;
  /**
   * The bytes of an entry, a part of the file's own; undefined where there is none of that name.
   * @throws GenonnxError `file-corrupt` where they are missing or changed; `usage` where they are compressed or encrypted.
   */
  read(name: string): Uint8Array | undefined;
}

interface Entry {
  readonly name: string;
  /** Why it cannot be read as it lies there. */
  readonly obstacle: string | undefined;
  readonly checksum: number;
  readonly size: number;
  /** Of the header that lies before the entry's bytes. */
  readonly headerBegin: number;
}

const signatures = { header: 0x04034b50, directoryEntry: 0x02014b50, end: 0x06054b50 } as const;
const headerBytes = 30;
const directoryEntryBytes = 46;
const endBytes = 22;
/** Behind the end there may be a comment. */
const mostCommentBytes = 0xffff;
/** Stands in fields of 16 and 32 bits for a number that does not fit: the file is of the form zip64. */
const beyond = { short: 0xffff, long: 0xffffffff } as const;
const encryptedFlag = 1;

/** Whether a file begins as zip files do. */
export function isZip(bytes: Uint8Array): boolean {
  return bytes.length >= 4 && viewOf(bytes).getUint32(0, true) === signatures.header;
}

/** @throws GenonnxError `file-corrupt` for what is no whole zip file; `usage` for the form that files of 4 GiB and more have. */
export function openStoredZip(bytes: Uint8Array, where: string): StoredZip {
  const view = viewOf(bytes);
  const end = endOf(view, where);
  const count = view.getUint16(end + 10, true);
  const directorySize = view.getUint32(end + 12, true);
  const directoryBegin = view.getUint32(end + 16, true);
  if (count === beyond.short || directorySize === beyond.long || directoryBegin === beyond.long)
    throw tooLarge(where);
  if (directoryBegin + directorySize > end)
    throw corrupt(where, 'a directory before the end of the file', 'one that reaches beyond it');
  const entries = new Map<string, Entry>();
  let at = directoryBegin;
  for (let index = 0; index < count; index++) {
    if (at + directoryEntryBytes > end || view.getUint32(at, true) !== signatures.directoryEntry)
      throw corrupt(where, `a directory of ${count} entries`, `${index} of them`);
    const nameLength = view.getUint16(at + 28, true);
    const next =
      at + directoryEntryBytes + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
    if (next > end) throw corrupt(where, `a directory of ${count} entries`, `${index} of them`);
    const nameBegin = at + directoryEntryBytes;
    const entry = entryAt(view, at, textOf(bytes.subarray(nameBegin, nameBegin + nameLength)), where);
    if (entries.has(entry.name)) throw corrupt(where, 'names that differ', `${entry.name} twice`);
    entries.set(entry.name, entry);
    at = next;
  }
  return {
    names: [...entries.keys()],
    sizeOf: (name) => entries.get(name)?.size,
    read(name) {
      const entry = entries.get(name);
      return entry === undefined ? undefined : contentOf(bytes, entry, directoryBegin, where);
    },
  };
}

function entryAt(view: DataView, at: number, name: string, where: string): Entry {
  const place = `${where}: ${name}`;
  const isEncrypted = (view.getUint16(at + 8, true) & encryptedFlag) !== 0;
  const isCompressed = view.getUint16(at + 10, true) !== 0;
  const obstacle = isEncrypted ? 'an encrypted entry' : isCompressed ? 'a compressed entry' : undefined;
  const packed = view.getUint32(at + 20, true);
  const size = view.getUint32(at + 24, true);
  const headerBegin = view.getUint32(at + 42, true);
  if (packed === beyond.long || size === beyond.long || headerBegin === beyond.long) throw tooLarge(where);
  if (obstacle === undefined && packed !== size)
    throw corrupt(place, `${packed} bytes, as many as are stored`, `${size}`);
  return { name, obstacle, checksum: view.getUint32(at + 16, true), size, headerBegin };
}

function contentOf(
  bytes: Uint8Array,
  { name, obstacle, checksum, size, headerBegin }: Entry,
  directoryBegin: number,
  where: string,
): Uint8Array {
  const view = viewOf(bytes);
  const place = `${where}: ${name}`;
  if (obstacle !== undefined) throw unreadable(place, obstacle);
  const headerEnd = headerBegin + headerBytes;
  if (headerEnd > directoryBegin || view.getUint32(headerBegin, true) !== signatures.header)
    throw corrupt(place, `a header at byte ${headerBegin}`, 'something else');
  const begin = headerEnd + view.getUint16(headerBegin + 26, true) + view.getUint16(headerBegin + 28, true);
  if (begin + size > directoryBegin)
    throw corrupt(place, `${size} bytes`, `${Math.max(directoryBegin - begin, 0)} before the directory`);
  const content = bytes.subarray(begin, begin + size);
  const found = crc32(content);
  if (found !== checksum) throw corrupt(place, `the checksum ${hex(checksum)}`, hex(found));
  return content;
}

/** Where the record of the end begins: the last one of the file. */
function endOf(view: DataView, where: string): number {
  const last = view.byteLength - endBytes;
  for (let at = last; at >= Math.max(last - mostCommentBytes, 0); at--)
    if (view.getUint32(at, true) === signatures.end) return at;
  throw corrupt(where, 'a directory of its entries at the end', 'none; it is cut short');
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

function hex(checksum: number): string {
  return checksum.toString(16).padStart(8, '0');
}

function tooLarge(where: string): GenonnxError {
  return new GenonnxError('usage', 'This file is of the form that zip files of 4 GiB and more have.', {
    where,
    expected: 'a checkpoint of less than 4 GiB',
    found: 'zip64',
    cure: 'Save the state dict alone, without that of the optimizer: torch.save(model.state_dict(), ...).',
  });
}

function unreadable(where: string, found: string): GenonnxError {
  return new GenonnxError('usage', 'torch.save did not write this zip file.', {
    where,
    expected: 'entries that are stored as they are',
    found,
    cure: 'Name the file as torch.save wrote it; it needs no further compression.',
  });
}

function corrupt(where: string, expected: string, found: string): GenonnxError {
  return new GenonnxError('file-corrupt', 'This is not a whole zip file.', {
    where,
    expected,
    found,
    cure: 'Copy or download the file again, or save it anew.',
  });
}
