// Learning rates over a run.

export const SCHEDULES = ['cosine', 'constant'] as const;

/** What of a recipe its rate is a function of. */
export interface Scheduled {
  /** `cosine` when absent. */
  readonly schedule?: (typeof SCHEDULES)[number];
  readonly weights: { readonly learningRate: number; readonly finalLearningRate: number };
  readonly epochs: number;
}

/** The learning rate in an epoch, from 0. */
export function rateAt({ schedule = 'cosine', weights, epochs }: Scheduled, epoch: number): number {
  const { learningRate, finalLearningRate } = weights;
  return schedule === 'cosine' ? cosine(learningRate, finalLearningRate, epoch, epochs) : learningRate;
}

/** Cosine from `start` at epoch 0 to `end` at epoch `epochs`: end + (start - end) (1 + cos(pi epoch / epochs)) / 2. */
export function cosine(start: number, end: number, epoch: number, epochs: number): number {
  return end + ((start - end) * (1 + Math.cos((Math.PI * epoch) / Math.max(epochs, 1)))) / 2;
}
