// A picture mirrored left and right, in its place.
import type { Picture } from '../picture.js';

export function mirror({ height, width, channels, data }: Picture): void {
  for (let y = 0; y < height; y++) {
    let left = y * width * channels;
    let right = left + (width - 1) * channels;
    for (; left < right; left += channels, right -= channels) {
      for (let channel = 0; channel < channels; channel++) {
        const held = data[left + channel]!;
        data[left + channel] = data[right + channel]!;
        data[right + channel] = held;
      }
    }
  }
}
