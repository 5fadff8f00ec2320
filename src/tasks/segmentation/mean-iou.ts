// What a segmentation is judged by, from the confusion matrix M of all pixels that have a class: M_tp of class t were taken for p.
//
//   IoU_c = M_cc / (sum_p M_cp + sum_t M_tc - M_cc)
//
// is no number for a class that is neither there nor found, and such a class counts nowhere: the mean is over the others. A class
// that is not there but is found has 0. Everything here is a ratio, so that M may be counts or shares.

/** M, row by row: f64[classes^2], the true class first. */
export type Confusion = ArrayLike<number>;

/** Of each class; NaN where it is neither there nor found. */
export function classIou(confusion: Confusion): number[] {
  const classes = classesOf(confusion);
  const at = (t: number, p: number): number => confusion[t * classes + p] ?? 0;
  return Array.from({ length: classes }, (_, c) => {
    let union = -at(c, c);
    for (let other = 0; other < classes; other++) union += at(c, other) + at(other, c);
    return union === 0 ? Number.NaN : at(c, c) / union;
  });
}

/** The mean over the classes that have one; NaN where none has. */
export function meanIou(confusion: Confusion): number {
  const known = classIou(confusion).filter((value) => !Number.isNaN(value));
  return known.reduce((sum, value) => sum + value, 0) / known.length;
}

/** Share of the pixels that were taken for what they are. */
export function pixelAccuracy(confusion: Confusion): number {
  const classes = classesOf(confusion);
  let [right, all] = [0, 0];
  for (let i = 0; i < classes * classes; i++) {
    const count = confusion[i] ?? 0;
    all += count;
    if (i % (classes + 1) === 0) right += count;
  }
  return right / all;
}

/** The mean IoU of taking every pixel for the first class, the background: what any network has to beat. */
export function backgroundIou(confusion: Confusion): number {
  const classes = classesOf(confusion);
  const constant = new Float64Array(classes * classes);
  for (let t = 0; t < classes; t++)
    for (let p = 0; p < classes; p++) constant[t * classes]! += confusion[t * classes + p] ?? 0;
  return meanIou(constant);
}

function classesOf({ length }: Confusion): number {
  return Math.round(Math.sqrt(length));
}
