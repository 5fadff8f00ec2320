// Encoded pictures to bytes: JPEG, PNG, WebP and whatever else sharp reads, told apart by their content and not by their names.
// Everything becomes red, green and blue in 8 bits: grey, palettes, 16 bits and CMYK are converted, transparency is dropped. As in
// PIL, which trained the networks that others publish, colour profiles are not applied and cameras' rotations not carried out.
import type { Sharp, SharpOptions } from 'sharp';
import type { Picture } from '../../src/data/picture.js';

/** Larger pictures are refused before memory is taken for them: 64 megapixels, 192 MiB of bytes. */
export const mostPixels = 2 ** 26;

/** What is wrong with a picture, in a few words. */
export class BrokenPicture extends Error {
  override readonly name = 'BrokenPicture';
}

const options: SharpOptions = {
  failOn: 'error',
  limitInputPixels: mostPixels,
  ignoreIcc: true,
  animated: false,
};

/** Loaded with the first picture: it is a native module. One picture a thread, and nothing is kept. */
async function loadSharp(): Promise<(input: Uint8Array, options: SharpOptions) => Sharp> {
  const { default: sharp } = await import('sharp');
  sharp.cache(false);
  sharp.concurrency(1);
  return sharp;
}

let loaded: ReturnType<typeof loadSharp> | undefined;

/** u8[height, width, 3]. @throws BrokenPicture for what is no picture, a part of one, or too large. */
export async function decodePicture(bytes: Uint8Array): Promise<Picture> {
  if (bytes.length === 0) throw new BrokenPicture('an empty file');
  loaded ??= loadSharp();
  const sharp = await loaded;
  try {
    const { data, info } = await sharp(bytes, options)
      .removeAlpha()
      .toColourspace('srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    const { height, width, channels } = info;
    const plain = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    if (channels === 3) return { height, width, channels, data: plain };
    if (channels === 1) return { height, width, channels: 3, data: threefold(plain) };
    throw new BrokenPicture(`${channels} channels`);
  } catch (error) {
    if (error instanceof BrokenPicture) throw error;
    throw new BrokenPicture(reasonOf(error));
  }
}

function threefold(grey: Uint8Array): Uint8Array {
  const data = new Uint8Array(3 * grey.length);
  for (let at = 0; at < data.length; at++) data[at] = grey[Math.floor(at / 3)]!;
  return data;
}

/** The first line of what the decoder says, in words that mean something to somebody who has not written it. */
function reasonOf(error: unknown): string {
  const [first = ''] = (error instanceof Error ? error.message : String(error)).trim().split('\n');
  if (/unsupported image format/i.test(first)) return 'neither JPEG, PNG nor WebP, or only a part of one';
  if (/exceeds pixel limit/i.test(first)) return `more than ${mostPixels / 2 ** 20} megapixels`;
  if (/premature end|truncated|end of stream|read error/i.test(first)) return `truncated (${first})`;
  return first;
}
