// Records of the binary versions of CIFAR-10 and CIFAR-100: label bytes, then the red, green and blue planes of a 32x32 image,
// row-major. https://www.cs.toronto.edu/~kriz/cifar.html describes the format.
import { join } from 'node:path';
import { GenonnxError } from '../graphs/errors.js';
import type { ImageSet } from './dataset.js';
import type { DataFolder } from './folder.js';

const EXTENT = 32;
const CHANNELS = 3;
const IMAGE_BYTES = CHANNELS * EXTENT * EXTENT;

/** How the records of a data set look. */
export interface RecordForm {
  /** `CIFAR-10`. */
  readonly name: string;
  /** Bytes before the image, the last of which is the label. */
  readonly labelBytes: 1 | 2;
  readonly classes: number;
  /** What to do about a broken file. */
  readonly cure: string;
}

/** The records of files, one behind the other. @throws GenonnxError `data-missing`, `data-corrupt`. */
export async function readRecords(
  folder: DataFolder,
  files: readonly string[],
  form: RecordForm,
): Promise<ImageSet> {
  const recordBytes = form.labelBytes + IMAGE_BYTES;
  const parts: Uint8Array[] = [];
  for (const file of files) parts.push(checked(await folder.read(file), join(folder.path, file), form));
  const count = parts.reduce((sum, part) => sum + part.length / recordBytes, 0);
  const images = new Uint8Array(count * IMAGE_BYTES);
  const labels = new Uint32Array(count);
  let index = 0;
  for (const part of parts) {
    for (let at = 0; at < part.length; at += recordBytes) {
      labels[index] = part[at + form.labelBytes - 1]!;
      images.set(part.subarray(at + form.labelBytes, at + recordBytes), index * IMAGE_BYTES);
      index += 1;
    }
  }
  return { images, labels, count, channels: CHANNELS, height: EXTENT, width: EXTENT };
}

function checked(
  bytes: Uint8Array,
  where: string,
  { name, labelBytes, classes, cure }: RecordForm,
): Uint8Array {
  const recordBytes = labelBytes + IMAGE_BYTES;
  if (bytes.length === 0 || bytes.length % recordBytes !== 0) {
    throw new GenonnxError('data-corrupt', `A ${name} file is truncated, or is none.`, {
      where,
      expected: `a positive multiple of ${recordBytes} bytes (${labelBytes === 1 ? 'label' : 'two labels'}, then 3x32x32)`,
      found: `${bytes.length} bytes`,
      cure,
    });
  }
  for (let at = labelBytes - 1; at < bytes.length; at += recordBytes) {
    if (bytes[at]! >= classes) {
      throw new GenonnxError('data-corrupt', `A ${name} record has a label without a class.`, {
        where: `${where}, record ${Math.floor(at / recordBytes)}`,
        expected: `a label from 0 to ${classes - 1}`,
        found: `${bytes[at]}`,
        cure,
      });
    }
  }
  return bytes;
}
