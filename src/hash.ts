// SHA-256 in plain JavaScript: seeds of random streams and checksums of what a run writes must be had at once, wherever
// the code runs. Browsers offer only a hash that answers later, Node's is a module that browsers lack.
import { sha256 as digest } from '@noble/hashes/sha2.js';

/** The 32 bytes of the SHA-256 of bytes, or of a text in UTF-8. */
export function sha256(data: string | Uint8Array): Uint8Array {
  return digest(typeof data === 'string' ? new TextEncoder().encode(data) : data);
}

/** The same in lower-case hexadecimal. */
export function sha256Hex(data: string | Uint8Array): string {
  return Array.from(sha256(data), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
