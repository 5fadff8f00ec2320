// Zip files of stored entries, for tests: what torch.save would write around a pickle.
import { crc32 } from '../../src/deploy/pytorch/crc32.js';

export interface ZipFaults {
  /** Instead of the right one. */
  readonly checksum?: number;
  /** 8 says that entries are deflated. */
  readonly method?: number;
  /** 1 says that entries are encrypted. */
  readonly flags?: number;
}

export function storedZip(
  entries: Iterable<readonly [string, Uint8Array]>,
  { checksum, method = 0, flags = 0 }: ZipFaults = {},
): Uint8Array {
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let offset = 0;
  for (const [path, content] of entries) {
    const name = Buffer.from(path);
    const common = [
      u16(20, flags, method, 0, 0),
      u32(checksum ?? crc32(content), content.length, content.length),
      u16(name.length, 0),
    ];
    const header = Buffer.concat([u32(0x04034b50), ...common, name]);
    parts.push(header, content);
    directory.push(u32(0x02014b50), u16(20), ...common, u16(0, 0, 0), u32(0, offset), name);
    offset += header.length + content.length;
  }
  const table = Buffer.concat(directory);
  const count = parts.length / 2;
  const end = [u32(0x06054b50), u16(0, 0, count, count), u32(table.length, offset), u16(0)];
  return Buffer.concat([...parts, table, ...end]);
}

/** Little-endian. */
export function u16(...values: readonly number[]): Uint8Array {
  return new Uint8Array(Uint16Array.from(values).buffer);
}

export function u32(...values: readonly number[]): Uint8Array {
  return new Uint8Array(Uint32Array.from(values).buffer);
}
