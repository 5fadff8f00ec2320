// What of a drawing or a photograph a network of clothes is to see: they lie light on black, and their longer side fills the picture.

export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Intensities, u8[height, width]. */
export interface Grey {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** Rec. 601: what grey a colour becomes, on white where it is transparent. */
export function greyOf(rgba: Uint8ClampedArray, width: number, height: number): Grey {
  const data = Uint8Array.from({ length: width * height }, (_, at) => {
    const [red = 0, green = 0, blue = 0] = rgba.subarray(4 * at, 4 * at + 3);
    return Math.round(0.299 * red + 0.587 * green + 0.114 * blue);
  });
  return { data, width, height };
}

/** The picture with a dark background: turned round where its edge is light. */
export function onBlack({ data, width, height }: Grey): Grey {
  let [sum, count] = [0, 0];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (x > 0 && x < width - 1 && y > 0 && y < height - 1) continue;
      sum += data[y * width + x] ?? 0;
      count += 1;
    }
  }
  return sum / Math.max(1, count) > 127
    ? { data: data.map((value) => 255 - value), width, height }
    : { data, width, height };
}

/** Where something is that is not nearly black; the whole picture where nothing is. */
export function boxOf({ data, width, height }: Grey): Box {
  let [left, top, right, bottom] = [width, height, -1, -1];
  data.forEach((value, at) => {
    if (value < 32) return;
    const [x, y] = [at % width, Math.floor(at / width)];
    left = Math.min(left, x);
    right = Math.max(right, x);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y);
  });
  return right < 0
    ? { left: 0, top: 0, width, height }
    : { left, top, width: right - left + 1, height: bottom - top + 1 };
}

/** The box in a picture of another size: as large as it can be, in the middle. Each pixel is the mean of what it covers. */
export function fitted(
  { data, width }: Grey,
  box: Box,
  size: { readonly width: number; readonly height: number },
): Grey {
  const scale = Math.max(box.width / size.width, box.height / size.height);
  const [x0, y0] = [
    box.left + (box.width - size.width * scale) / 2,
    box.top + (box.height - size.height * scale) / 2,
  ];
  const pixels = Uint8Array.from({ length: size.width * size.height }, (_, at) => {
    const [x, y] = [at % size.width, Math.floor(at / size.width)];
    const columns = span(x0 + x * scale, scale, box.left, box.left + box.width);
    const rows = span(y0 + y * scale, scale, box.top, box.top + box.height);
    let sum = 0;
    for (let row = rows.from; row < rows.to; row++)
      for (let column = columns.from; column < columns.to; column++) sum += data[row * width + column] ?? 0;
    // What lies outside of the box is black.
    return Math.round(sum / Math.max(1, columns.whole * rows.whole));
  });
  return { data: pixels, ...size };
}

/** Whole positions from `at` on, of which those inside of the box are summed up. */
function span(at: number, length: number, least: number, end: number) {
  const from = Math.floor(at);
  const to = Math.max(from + 1, Math.floor(at + length));
  return { from: Math.max(from, least), to: Math.min(to, end), whole: to - from };
}
