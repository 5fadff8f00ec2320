/** See make-photos.mjs. */
export function makePhotos(
  folder: string,
  options: {
    readonly count: number;
    readonly classes: number;
    readonly width: number;
    readonly height: number;
    readonly formats?: readonly ('jpg' | 'png' | 'webp')[];
  },
): Promise<void>;
