// The temperature tau of Eq. 8 during a search: high at first, when the soft samples pass gradient to many entries, low at
// the end, when they are close to the hard ones.

/** Linear from `from` in epoch 0 to `to` in epoch `epochs`, constant after it. */
export interface TemperatureSchedule {
  readonly from: number;
  readonly to: number;
  readonly epochs: number;
}

/** The schedule of the released code: 5 to 1 over 150 epochs. */
export const RELEASED_TEMPERATURE: TemperatureSchedule = { from: 5, to: 1, epochs: 150 };

/** tau in an epoch, counted from 0; fractions of an epoch are allowed. */
export function temperatureAt({ from, to, epochs }: TemperatureSchedule, epoch: number): number {
  const share = epochs > 0 ? Math.min(Math.max(epoch / epochs, 0), 1) : 1;
  return from + (to - from) * share;
}
