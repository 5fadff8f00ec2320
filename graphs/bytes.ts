// Bytes and texts without Node's Buffer, so that models can be written wherever JavaScript runs.

/** A text in UTF-8. */
export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** A text that differs for different bytes: a key to find equal ones by. */
export function keyOf(bytes: Uint8Array): string {
  // One character a byte; no two bytes have the same one.
  return new TextDecoder('latin1').decode(bytes);
}

/** A text's UTF-8 in base64. */
export function base64(text: string): string {
  return btoa(Array.from(utf8(text), (byte) => String.fromCharCode(byte)).join(''));
}
