// What a segmentation's run kept of a few test pictures, as pictures for its report: none larger than it is shown, and masks as
// their classes' colours over the picture.
import { encode } from 'fast-png';
import { borderColour, type Colour, NO_CLASS, paletteOf } from '../../datasets/masks/palette.js';
import type { Picture } from '../data/picture.js';
import { resizeBilinear, resizeNearest, type Size } from '../data/resize.js';
import type { SampleData, SegmentationData } from '../report/segmentation.js';
import type { Confusion } from '../tasks/confusion.js';
import { classIou } from '../tasks/segmentation/mean-iou.js';
import type { Sample } from '../tasks/segmentation/samples.js';

/** Pixels of the longer side. */
const largestShown = 320;
/** How much of a colour lies over the picture. */
const strength = 0.7;

export function segmentationReport(samples: readonly Sample[], confusion: Confusion): SegmentationData {
  const palette = paletteOf(confusion.classes.length);
  return {
    samples: samples.map((sample) => shown(sample, palette)),
    classes: classesOf(confusion, palette),
    border: borderColour,
  };
}

function classesOf({ classes, counts }: Confusion, palette: readonly Colour[]): SegmentationData['classes'] {
  const ious = classIou(counts.flat());
  return classes.map((name, index) => {
    const right = counts[index]?.[index] ?? 0;
    const pixels = sumOf(counts[index] ?? []);
    return {
      name,
      colour: palette[index] ?? borderColour,
      pixels,
      iou: ious[index] ?? Number.NaN,
      recall: right / pixels,
      precision: right / sumOf(counts.map((row) => row[index] ?? 0)),
    };
  });
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

function shown({ picture, truth, prediction }: Sample, palette: readonly Colour[]): SampleData {
  const size = shownSize(picture);
  const plain = inColour(resizeBilinear(picture, size));
  const over = (mask: Picture): string => pngUrl(coloured(plain, resizeNearest(mask, size), palette));
  return { ...size, picture: pngUrl(plain), truth: over(truth), prediction: over(prediction) };
}

function shownSize({ height, width }: Size): Size {
  const scale = Math.min(1, largestShown / Math.max(height, width));
  const side = (pixels: number): number => Math.max(1, Math.round(scale * pixels));
  return { height: side(height), width: side(width) };
}

function inColour(picture: Picture): Picture {
  if (picture.channels === 3) return picture;
  const data = new Uint8Array(3 * picture.data.length);
  for (let at = 0; at < data.length; at++) data[at] = picture.data[Math.floor(at / 3)]!;
  return { ...picture, channels: 3, data };
}

/** The background stays as it is. */
function coloured(picture: Picture, mask: Picture, palette: readonly Colour[]): Picture {
  const data = picture.data.slice();
  mask.data.forEach((label, at) => {
    const colour = label === NO_CLASS ? borderColour : palette[label];
    if (label === 0 || colour === undefined) return;
    for (const channel of [0, 1, 2] as const) {
      const to = 3 * at + channel;
      data[to] = Math.round(strength * colour[channel] + (1 - strength) * data[to]!);
    }
  });
  return { ...picture, data };
}

function pngUrl({ height, width, data }: Picture): string {
  const bytes = encode({ height, width, data, channels: 3, depth: 8 });
  return `data:image/png;base64,${Buffer.from(bytes).toString('base64')}`;
}
