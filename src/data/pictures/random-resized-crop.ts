// The crop that networks are trained on with ImageNet, as torchvision's RandomResizedCrop: of area H W U(least, most) and ratio
// exp(U(log 3/4, log 4/3)), w = round(sqrt(area ratio)) and h = round(sqrt(area / ratio)), at a uniform place. Ten tries to find one
// that lies within the picture; then the central crop of the ratio next to the picture's own. The crop is resized, not the picture.
import type { RandomStream } from '../../random.js';
import type { Box } from '../picture.js';
import type { Size } from '../resize.js';

const tries = 10;
const ratios = { least: 3 / 4, most: 4 / 3 } as const;

/** Shares of the picture's area. */
export interface AreaRange {
  readonly least: number;
  readonly most: number;
}

/** Draws of each try area, ratio, and of the one that is taken top and left. */
export function drawCrop({ height, width }: Size, area: AreaRange, stream: RandomStream): Box {
  for (let i = 0; i < tries; i++) {
    const pixels = height * width * between(area.least, area.most, stream);
    const ratio = Math.exp(between(Math.log(ratios.least), Math.log(ratios.most), stream));
    const crop = {
      width: Math.round(Math.sqrt(pixels * ratio)),
      height: Math.round(Math.sqrt(pixels / ratio)),
    };
    if (crop.width < 1 || crop.width > width || crop.height < 1 || crop.height > height) continue;
    const top = stream.integer(height - crop.height + 1);
    const left = stream.integer(width - crop.width + 1);
    return { top, left, ...crop };
  }
  return centralCrop({ height, width });
}

/** The whole of one side, and of the other as much as the ratio allows. */
function centralCrop({ height, width }: Size): Box {
  const ratio = width / height;
  const crop =
    ratio < ratios.least
      ? { width, height: Math.round(width / ratios.least) }
      : ratio > ratios.most
        ? { width: Math.round(height * ratios.most), height }
        : { width, height };
  return { top: (height - crop.height) >> 1, left: (width - crop.width) >> 1, ...crop };
}

function between(least: number, most: number, stream: RandomStream): number {
  return least + (most - least) * stream.uniform();
}
