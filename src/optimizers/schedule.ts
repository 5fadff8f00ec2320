// Learning rates over a run.

/** Cosine from `start` at epoch 0 to `end` at epoch `epochs`: end + (start - end) (1 + cos(pi epoch / epochs)) / 2. */
export function cosine(start: number, end: number, epoch: number, epochs: number): number {
  return end + ((start - end) * (1 + Math.cos((Math.PI * epoch) / Math.max(epochs, 1)))) / 2;
}
