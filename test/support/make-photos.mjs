// Makes a folder of pictures as photographs are: smooth shapes with some noise, a folder for each class, whose pictures share a tint.
//
//   node test/support/make-photos.mjs /tmp/photos --count 20000 --size 500x375 --classes 20
//   node test/support/make-photos.mjs /tmp/few --count 120 --size 90x70 --classes 3 --formats jpg,png,webp
//
// The same arguments make the same pixels.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import sharp from 'sharp';

/** A generator of Lehmer's: numbers from 0 to 1. */
function numbers(seed) {
  let state = (seed % 2147483646) + 1;
  return () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
}

/** -7 to 7, the same for all pictures, from a place on that is each one's own. */
const grain = Int8Array.from(
  { length: 2 ** 20 },
  (
    (random) => () =>
      Math.floor(15 * random()) - 7
  )(numbers(1)),
);

const encoders = {
  jpg: (picture) => picture.jpeg({ quality: 85 }),
  png: (picture) => picture.png(),
  webp: (picture) => picture.webp({ quality: 85 }),
};

/** Encoded bytes of picture `index` of class `label`. */
async function photo(label, index, { width, height, format }) {
  const random = numbers(1 + label * 1_000_003 + index * 7919);
  const [columns, rows] = [12, 9];
  const tint = [0, 1, 2].map(
    (channel) => 40 + 60 * ((label >> channel) & 1) + 15 * ((label >> (channel + 3)) & 1),
  );
  const coarse = Uint8Array.from({ length: columns * rows * 3 }, (_, at) => tint[at % 3] + 120 * random());
  const smooth = await sharp(coarse, { raw: { width: columns, height: rows, channels: 3 } })
    .resize(width, height, { kernel: 'cubic', fit: 'fill' })
    .raw()
    .toBuffer();
  let from = Math.floor(grain.length * random());
  for (let at = 0; at < smooth.length; at++, from++)
    smooth[at] = Math.min(255, Math.max(0, smooth[at] + grain[from % grain.length]));
  return encoders[format](sharp(smooth, { raw: { width, height, channels: 3 } })).toBuffer();
}

/** Class k is called `class-00k`; pictures are spread over the classes evenly, and over the formats in turn. */
export async function makePhotos(folder, { count, classes, width, height, formats = ['jpg'] }) {
  const names = Array.from({ length: classes }, (_, label) => `class-${String(label).padStart(3, '0')}`);
  for (const name of names) await mkdir(join(folder, name), { recursive: true });
  const one = async (i) => {
    const label = i % classes;
    const index = Math.floor(i / classes);
    const format = formats[index % formats.length];
    const bytes = await photo(label, index, { width, height, format });
    await writeFile(join(folder, names[label], `${String(index).padStart(5, '0')}.${format}`), bytes);
  };
  for (let at = 0; at < count; at += 8)
    await Promise.all(Array.from({ length: Math.min(8, count - at) }, (_, i) => one(at + i)));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      count: { type: 'string', default: '20000' },
      size: { type: 'string', default: '500x375' },
      classes: { type: 'string', default: '20' },
      formats: { type: 'string', default: 'jpg' },
    },
  });
  const [width, height] = values.size.split('x').map(Number);
  await makePhotos(positionals[0], {
    count: Number(values.count),
    classes: Number(values.classes),
    width,
    height,
    formats: values.formats.split(','),
  });
}
