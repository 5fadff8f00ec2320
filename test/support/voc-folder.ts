// A folder in the form of PASCAL VOC, small, with masks as palette PNGs.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { colourOf } from '../../datasets/masks/palette.js';

export interface VocPicture {
  readonly id: string;
  readonly height: number;
  readonly width: number;
  /** Of the pixel in row y and column x. */
  readonly label: (y: number, x: number) => number;
}

/** The PNG of a mask: 8 bits a pixel, indices of a palette. */
export function palettePng({ height, width, label }: Omit<VocPicture, 'id'>): Uint8Array {
  const chunk = (name: string, data: Uint8Array): Buffer => {
    const body = Buffer.concat([Buffer.from(name, 'latin1'), data]);
    const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    check.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, check]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 3, 0, 0, 0], 8);
  const rows = Array.from({ length: height }, (_, y) => [
    0,
    ...Array.from({ length: width }, (_, x) => label(y, x)),
  ]);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('PLTE', Buffer.from(Array.from({ length: 256 }, (_, index) => [...colourOf(index)]).flat())),
    chunk('IDAT', deflateSync(Buffer.from(rows.flat()))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** Its own colour wherever a class is: a picture that its mask can be learnt from. */
export function pictureJpeg({ height, width, label }: Omit<VocPicture, 'id'>): Promise<Buffer> {
  const pixels = Array.from({ length: height * width }, (_, at) => [
    ...colourOf(label(Math.floor(at / width), at % width)),
  ]);
  return sharp(Buffer.from(pixels.flat()), { raw: { height, width, channels: 3 } })
    .jpeg({ quality: 95 })
    .toBuffer();
}

/** Writes pictures, masks and lists. */
export async function writeVoc(
  folder: string,
  { train, val }: { readonly train: readonly VocPicture[]; readonly val: readonly VocPicture[] },
): Promise<void> {
  const inside = (...parts: readonly string[]) => join(folder, ...parts);
  for (const part of ['JPEGImages', 'SegmentationClass', 'ImageSets/Segmentation'])
    await mkdir(inside(part), { recursive: true });
  for (const picture of [...train, ...val]) {
    await writeFile(inside('JPEGImages', `${picture.id}.jpg`), await pictureJpeg(picture));
    await writeFile(inside('SegmentationClass', `${picture.id}.png`), palettePng(picture));
  }
  for (const [name, pictures] of Object.entries({ train, val }))
    await writeFile(
      inside('ImageSets/Segmentation', `${name}.txt`),
      pictures.map(({ id }) => `${id}\n`).join(''),
    );
}

/** The PNG of an augmented mask: 8 bits a pixel, grey. */
export function greyPng({ height, width, label }: Omit<VocPicture, 'id'>): Promise<Buffer> {
  const pixels = Uint8Array.from({ length: height * width }, (_, at) =>
    label(Math.floor(at / width), at % width),
  );
  return sharp(pixels, { raw: { height, width, channels: 1 } })
    .toColourspace('b-w')
    .png()
    .toBuffer();
}
