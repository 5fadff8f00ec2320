import { encode } from 'fast-png';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { BrokenPicture, decodePicture, mostPixels } from '../../../datasets/pictures/decode.js';
import { decodeMask } from '../../../datasets/pictures/mask.js';
import { encoded } from './photos.js';

/** The first pixel. */
const pixel = async (bytes: Uint8Array) => [...(await decodePicture(bytes)).data.subarray(0, 3)];

describe('a picture', () => {
  it.each(['jpeg', 'png', 'webp'] as const)('in %s is red, green and blue, row by row', async (format) => {
    const picture = await decodePicture(
      await encoded({ format, height: 3, width: 5, colour: [200, 100, 50] }),
    );
    expect(picture).toMatchObject({ height: 3, width: 5, channels: 3 });
    expect(picture.data).toHaveLength(45);
    for (const [i, value] of [200, 100, 50].entries())
      expect(Math.abs(picture.data[i]! - value)).toBeLessThan(4);
  });

  it('is converted from grey, a palette, 16 bits, transparency and CMYK', async () => {
    const raw = (channels: 1 | 4, ...values: number[]) =>
      sharp(
        Uint8Array.from({ length: 4 * channels }, (_, i) => values[i % channels]!),
        {
          raw: { width: 2, height: 2, channels },
        },
      );
    expect(await pixel(await raw(1, 77).png().toBuffer())).toEqual([77, 77, 77]);
    expect(await pixel(await raw(1, 77).jpeg().toBuffer())).toEqual([77, 77, 77]);
    expect(await pixel(await raw(4, 9, 8, 7, 0).png().toBuffer())).toEqual([9, 8, 7]);
    expect(await pixel(await encoded())).toEqual([10, 20, 30]);
    const palette = await sharp(await encoded())
      .png({ palette: true })
      .toBuffer();
    expect(await pixel(palette)).toEqual([10, 20, 30]);
    const deep = encode({
      width: 1,
      height: 1,
      channels: 3,
      depth: 16,
      data: Uint16Array.of(256 * 10, 256 * 20, 256 * 30),
    });
    expect(await pixel(deep)).toEqual([10, 20, 30]);
    const deepGrey = encode({ width: 1, height: 1, channels: 1, depth: 16, data: Uint16Array.of(256 * 77) });
    expect(await pixel(deepGrey)).toEqual([77, 77, 77]);
    const cmyk = await sharp(await encoded({ colour: [255, 255, 255] }))
      .toColourspace('cmyk')
      .jpeg()
      .toBuffer();
    expect((await sharp(cmyk).metadata()).channels).toBe(4);
    for (const value of await pixel(cmyk)) expect(value).toBeGreaterThan(240);
  });

  it('lies as it is stored, whatever the camera says of its rotation', async () => {
    const turned = await sharp(await encoded({ format: 'jpeg', height: 3, width: 5 }))
      .withMetadata({ orientation: 6 })
      .toBuffer();
    expect(await decodePicture(turned)).toMatchObject({ height: 3, width: 5 });
  });

  it('is refused with a reason where it is broken or too large', async () => {
    const refused = async (bytes: Uint8Array, why: RegExp) => {
      const error = await decodePicture(bytes).then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      expect(error).toBeInstanceOf(BrokenPicture);
      expect(String(error)).toMatch(why);
    };
    await refused(new Uint8Array(0), /an empty file/);
    await refused(new TextEncoder().encode('words'), /neither JPEG, PNG nor WebP/);
    for (const format of ['jpeg', 'png', 'webp'] as const) {
      const whole = await encoded({ format, height: 64, width: 64 });
      await refused(whole.subarray(0, Math.floor(whole.length * 0.7)), /./);
    }
    const side = Math.sqrt(mostPixels) + 1;
    await refused(await encoded({ height: side, width: side }), /more than 64 megapixels/);
  });
});

describe('a mask', () => {
  const palette = [
    [0, 0, 0],
    [128, 0, 0],
    [0, 128, 0],
  ];

  it('is the indices of a palette, or grey values, as they are stored', async () => {
    const data = Uint8Array.of(0, 1, 2, 255);
    const grey = encode({ width: 2, height: 2, channels: 1, depth: 8, data });
    expect(await decodeMask(grey)).toEqual({ height: 2, width: 2, channels: 1, data });
    const indexed = withPalette(grey, palette);
    expect(await decodeMask(indexed)).toEqual({ height: 2, width: 2, channels: 1, data });
  });

  it('is refused where it has colours, or is no whole PNG', async () => {
    const broken = async (bytes: Uint8Array) =>
      expect(decodeMask(bytes)).rejects.toBeInstanceOf(BrokenPicture);
    await broken(await encoded());
    await broken(await encoded({ format: 'jpeg' }));
    await broken(new Uint8Array(0));
    const grey = encode({ width: 2, height: 2, channels: 1, depth: 8, data: new Uint8Array(4) });
    await broken(grey.subarray(0, grey.length - 20));
  });
});

/** The same stored values under colour type 3, with a palette of 256 colours that begins so. */
function withPalette(png: Uint8Array, colours: number[][]): Uint8Array {
  const header = png.slice(0, 33);
  header[25] = 3;
  const table = Uint8Array.from({ length: 768 }, (_, at) => colours[Math.floor(at / 3)]?.[at % 3] ?? 99);
  return Uint8Array.from([...checked(header, 8, 13), ...chunk('PLTE', table), ...png.subarray(33)]);
}

function chunk(type: string, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(12 + data.length);
  new DataView(bytes.buffer).setUint32(0, data.length);
  bytes.set(new TextEncoder().encode(type), 4);
  bytes.set(data, 8);
  return checked(bytes, 0, data.length);
}

/** With the checksum of the chunk at `at`. */
function checked(bytes: Uint8Array, at: number, length: number): Uint8Array {
  let crc = 0xffffffff;
  for (const byte of bytes.subarray(at + 4, at + 8 + length)) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  new DataView(bytes.buffer, bytes.byteOffset).setUint32(at + 8 + length, ~crc >>> 0);
  return bytes;
}
