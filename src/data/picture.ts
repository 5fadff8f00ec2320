// A decoded picture, as decoders, canvases and PIL have it: rows of pixels, a pixel's channels side by side. Networks want planes.

/** Bytes of a picture, 0 is black and 255 is full intensity. */
export interface Picture {
  readonly height: number;
  readonly width: number;
  /** 1: grey, or indices of a mask; 3: red, green and blue. */
  readonly channels: number;
  /** u8[height, width, channels]. */
  readonly data: Uint8Array;
}

/** A rectangle of pixels. */
export interface Box {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

/** u8[channels, height, width] of u8[height, width, channels]. */
export function planesOf({ height, width, channels, data }: Picture): Uint8Array {
  if (channels === 1) return data.slice();
  const size = height * width;
  const planes = new Uint8Array(channels * size);
  for (let channel = 0; channel < channels; channel++) {
    let from = channel;
    for (let to = channel * size; to < (channel + 1) * size; to++, from += channels) planes[to] = data[from]!;
  }
  return planes;
}

/** u8[height, width, channels] of image `index` of planes u8[count, channels, height, width]; grey becomes three equal channels. */
export function pictureOf(
  images: Uint8Array,
  index: number,
  { channels, height, width }: Pick<Picture, 'channels' | 'height' | 'width'>,
): Picture {
  const size = height * width;
  const data = new Uint8Array(3 * size);
  for (let channel = 0; channel < 3; channel++) {
    let from = (index * channels + Math.min(channel, channels - 1)) * size;
    for (let to = channel; to < data.length; to += 3, from++) data[to] = images[from]!;
  }
  return { height, width, channels: 3, data };
}
