// The colours of PASCAL VOC, which give any class a colour that is far from those near to it: the bits of the class go to red,
// green and blue in turn, the lowest three to their highest bits.

/** In a mask: a pixel that is of no class, and counts nowhere. */
export const NO_CLASS = 255;

/** Red, green and blue, 0 to 255. */
export type Colour = readonly [red: number, green: number, blue: number];

/**
 * The colour of class `label`: of its bit 3 j + c, for j = 0 .. 7, channel c gets bit 7 - j.
 *
 * That of pixels without a class is what VOC paints them with: a border in cream.
 */
export function colourOf(label: number): Colour {
  const colour: [number, number, number] = [0, 0, 0];
  for (let bits = label, j = 0; j < 8; j++, bits >>= 3)
    for (const c of [0, 1, 2] as const) colour[c] |= ((bits >> c) & 1) << (7 - j);
  return colour;
}

/** Of the first so many classes. */
export function paletteOf(classes: number): Colour[] {
  return Array.from({ length: classes }, (_, label) => colourOf(label));
}

/** Of pixels without a class. */
export const borderColour = colourOf(NO_CLASS);
