// Learning rates over a run of E epochs, in epoch e from 0. With s the rate at the start and f the final one:
//
//   cosine        f + (s - f) (1 + cos(pi e / E)) / 2
//   constant      s
//   poly          f + (s - f) (1 - e / E)^power
//   exponential   max(f, s decay^e)
//   step          max(f, s decay^floor(e / decayEpochs))
//
// In the first W epochs of a warm-up the rate is (e + 1) / W of that. DATA trains on ImageNet with poly, DARTS with
// exponential; the power is that of DeepLab, where the name comes from.
import { GenonnxError } from '../errors.js';

export const SCHEDULES = ['cosine', 'constant', 'poly', 'exponential', 'step'] as const;
export type ScheduleName = (typeof SCHEDULES)[number];

/** What some schedules have of their own. */
export interface ScheduleOptions {
  /** Of `poly`. */
  readonly power?: number;
  /** Factor of `exponential`, for each epoch, and of `step`, for each of its steps. */
  readonly decay?: number;
  /** Of `step`: how many epochs have the same rate. */
  readonly decayEpochs?: number;
}

const usual = {
  cosine: {},
  constant: {},
  poly: { power: 0.9 },
  exponential: { decay: 0.97 },
  step: { decay: 0.1, decayEpochs: 30 },
} as const satisfies { readonly [S in ScheduleName]: ScheduleOptions };

/**
 * The options of a schedule: those that are given, and what is usual for the others; undefined where it has none.
 * @throws GenonnxError `usage` for an option that it has not.
 */
export function scheduleOptionsOf(
  schedule: ScheduleName,
  given: ScheduleOptions = {},
): ScheduleOptions | undefined {
  const own: ScheduleOptions = usual[schedule];
  const foreign = Object.entries(given).find(([name, value]) => value !== undefined && !(name in own));
  if (foreign !== undefined) {
    const having = SCHEDULES.filter((name) => foreign[0] in usual[name]);
    throw new GenonnxError('usage', `The schedule ${schedule} has no such option.`, {
      where: `\`scheduleOptions.${foreign[0]}\``,
      expected: having.length === 0 ? 'none' : `a schedule that has it: ${having.join(', ')}`,
      cure: 'Leave it out, or give its `schedule`.',
    });
  }
  return Object.keys(own).length === 0 ? undefined : { ...own, ...given };
}

/** What of a recipe its rate is a function of. */
export interface Scheduled {
  /** `cosine` when absent. */
  readonly schedule?: ScheduleName;
  /** What is usual for the schedule when absent. */
  readonly scheduleOptions?: ScheduleOptions;
  /** Epochs in which the rate rises. Default 0. */
  readonly rateWarmupEpochs?: number;
  readonly weights: { readonly learningRate: number; readonly finalLearningRate: number };
  readonly epochs: number;
}

interface Place {
  readonly start: number;
  readonly end: number;
  readonly epoch: number;
  readonly epochs: number;
}

type Schedule = (place: Place, options: Required<ScheduleOptions>) => number;

const schedules: { readonly [S in ScheduleName]: Schedule } = {
  cosine: ({ start, end, epoch, epochs }) => cosine(start, end, epoch, epochs),
  constant: ({ start }) => start,
  poly: ({ start, end, epoch, epochs }, { power }) =>
    end + (start - end) * Math.max(1 - epoch / Math.max(epochs, 1), 0) ** power,
  exponential: ({ start, end, epoch }, { decay }) => Math.max(end, start * decay ** epoch),
  step: ({ start, end, epoch }, { decay, decayEpochs }) =>
    Math.max(end, start * decay ** Math.floor(epoch / decayEpochs)),
};

/** The learning rate in an epoch, from 0; or at a place within one, for what moves by the step. */
export function rateAt(
  { schedule = 'cosine', scheduleOptions = {}, rateWarmupEpochs = 0, weights, epochs }: Scheduled,
  epoch: number,
): number {
  const { learningRate: start, finalLearningRate: end } = weights;
  const options = { ...usual.poly, ...usual.step, ...usual[schedule], ...scheduleOptions };
  const rate = schedules[schedule]({ start, end, epoch, epochs }, options);
  return epoch < rateWarmupEpochs ? (rate * (epoch + 1)) / rateWarmupEpochs : rate;
}

/** Cosine from `start` at epoch 0 to `end` at epoch `epochs`: end + (start - end) (1 + cos(pi epoch / epochs)) / 2. */
export function cosine(start: number, end: number, epoch: number, epochs: number): number {
  return end + ((start - end) * (1 + Math.cos((Math.PI * epoch) / Math.max(epochs, 1)))) / 2;
}
