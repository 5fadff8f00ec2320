// From logits to classes: of equal logits the lower class.

/** u8[height, width] of f32[classes, rows, columns], whose upper left part is asked for. */
export function largestClasses(
  logits: ArrayLike<number>,
  classes: number,
  { rows, columns }: { readonly rows: number; readonly columns: number },
  { height, width }: { readonly height: number; readonly width: number },
): Uint8Array {
  const plane = rows * columns;
  const mask = new Uint8Array(height * width);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = y * columns + x;
      let best = 0;
      for (let index = 1; index < classes; index++)
        if ((logits[index * plane + at] ?? 0) > (logits[best * plane + at] ?? 0)) best = index;
      mask[y * width + x] = best;
    }
  }
  return mask;
}
