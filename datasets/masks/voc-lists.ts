// The lists of PASCAL VOC: which pictures belong together, one a line. A line is an id, `2007_000032`, or, in lists of the
// augmented annotations, two paths from the folder on: `/JPEGImages/2007_000032.jpg /SegmentationClassAug/2007_000032.png`.
import { GenonnxError } from '../../graphs/errors.js';

/** Paths inside of the folder, with slashes. */
export interface VocPair {
  readonly picture: string;
  readonly mask: string;
}

/** Where the pictures and the masks lie. */
export const vocFolders = {
  pictures: 'JPEGImages',
  masks: 'SegmentationClass',
  augmented: 'SegmentationClassAug',
  lists: 'ImageSets/Segmentation',
} as const;

/**
 * The pictures of a list, in its order; masks of ids lie in `masks`.
 * @throws GenonnxError `data-corrupt` for a list without pictures, or a line that is neither form.
 */
export function parseVocList(text: string, masks: string, where: string): VocPair[] {
  const lines = text.split('\n').map((line) => line.trim());
  const pairs = lines.flatMap((line, at) => (line === '' ? [] : [pairOf(line, masks, `${where}:${at + 1}`)]));
  if (pairs.length > 0) return pairs;
  throw new GenonnxError('data-corrupt', 'A list of pictures is empty.', {
    where,
    expected: 'an id a line, or the paths of a picture and its mask',
    found: 'nothing',
    cure: 'Fetch the list again.',
  });
}

function pairOf(line: string, masks: string, where: string): VocPair {
  const [first = '', second, third] = line.split(/\s+/);
  if (third === undefined && second !== undefined && isInside(first) && isInside(second))
    return { picture: plain(first), mask: plain(second) };
  if (second === undefined && /^[\w.-]+$/.test(first))
    return { picture: `${vocFolders.pictures}/${first}.jpg`, mask: `${masks}/${first}.png` };
  throw new GenonnxError('data-corrupt', 'A line of a list of pictures cannot be read.', {
    where,
    expected: 'an id, or the paths of a picture and its mask',
    found: line.slice(0, 80),
    cure: 'Fetch the list again, or mend the line.',
  });
}

/** A path to a file of one of the folder's own folders. */
function isInside(path: string): boolean {
  return /^\/?[\w-]+\/[\w.-]+$/.test(path) && !path.includes('..');
}

function plain(path: string): string {
  return path.replace(/^\//, '');
}
