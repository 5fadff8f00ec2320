// Masks to the classes of their pixels: PNGs of one channel, whose stored values are the classes, be they grey values or indices of a
// palette. The colours of a palette are not looked at; decoders for pictures give nothing else.
import type { Picture } from '../../src/data/picture.js';
import { BrokenPicture, mostPixels } from './decode.js';

let loaded: Promise<typeof import('fast-png')> | undefined;

/** u8[height, width, 1]. @throws BrokenPicture for what is no PNG of one channel and at most 8 bits, or a part of one. */
export async function decodeMask(bytes: Uint8Array): Promise<Picture> {
  if (bytes.length === 0) throw new BrokenPicture('an empty file');
  requireModestSize(bytes);
  loaded ??= import('fast-png');
  const { decode } = await loaded;
  let decoded: ReturnType<typeof decode>;
  try {
    decoded = decode(bytes);
  } catch (error) {
    throw new BrokenPicture(error instanceof Error ? error.message : String(error));
  }
  const { width, height, channels, depth, data } = decoded;
  if (channels !== 1) throw new BrokenPicture(`${channels} channels: colours, not classes`);
  if (depth > 8 || !(data instanceof Uint8Array || data instanceof Uint8ClampedArray))
    throw new BrokenPicture(`${depth} bits a pixel`);
  const values = depth === 8 ? Uint8Array.from(data) : unpacked(data, width, height, depth);
  return { height, width, channels: 1, data: values };
}

/** The width and height in a PNG's header, before memory is taken for them. */
function requireModestSize(bytes: Uint8Array): void {
  if (bytes.length < 24) throw new BrokenPicture('a part of a file');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [width, height] = [view.getUint32(16), view.getUint32(20)];
  if (view.getUint32(12) === 0x49484452 && width * height > mostPixels)
    throw new BrokenPicture(`more than ${mostPixels / 2 ** 20} megapixels`);
}

/** Rows begin with a byte of their own, and the first pixel has the highest bits. */
function unpacked(data: ArrayLike<number>, width: number, height: number, depth: number): Uint8Array {
  const values = new Uint8Array(width * height);
  const rowBytes = Math.ceil((width * depth) / 8);
  const mask = (1 << depth) - 1;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const bit = x * depth;
      const byte = data[y * rowBytes + (bit >> 3)] ?? 0;
      values[y * width + x] = (byte >> (8 - depth - (bit & 7))) & mask;
    }
  }
  return values;
}
