// Where the marks of an axis are, and what is written at them. A label says where its mark is, to the last digit: rounded
// further, neighbours would be called the same. Pure functions.

/** Labels as `format` writes numbers with as many digits behind the point, without the zeros at their end. */
export function exactly(format: (value: number, digits: number) => string): (value: number) => string {
  return (value) =>
    format(value, mostDigits)
      .replace(/(\.\d*?)0+(?!\d)/, '$1')
      .replace(/\.(?!\d)/, '');
}

/** Enough for marks at round numbers, and few enough to hide the rounding of sums of them. */
const mostDigits = 6;

/** Whole numbers from `low` to `high`, at most `most`, each a multiple of 1, 2, 5, 10, 20 and so on. */
export function wholeMarks(low: number, high: number, most: number): number[] {
  const marksBy = (step: number): number[] => {
    const first = Math.ceil(low / step);
    return Array.from({ length: Math.floor(high / step) - first + 1 }, (_, i) => (first + i) * step);
  };
  for (let power = 1; ; power *= 10) {
    const step = [1, 2, 5].map((factor) => factor * power).find((step) => marksBy(step).length <= most);
    if (step !== undefined) return marksBy(step);
  }
}

/**
 * Marks for a logarithmic axis from `low` to `high`: the powers of ten where there are many, else 1, 2 and 5 times them, and
 * more where hardly any would be left.
 */
export function logarithmicMarks(low: number, high: number): number[] {
  const [first, last] = [Math.floor(Math.log10(low)), Math.ceil(Math.log10(high))];
  const powers = Array.from({ length: last - first + 1 }, (_, i) => first + i);
  const marksBy = (factors: readonly number[]): number[] =>
    powers
      .flatMap((power) => factors.map((factor) => Number((factor * 10 ** power).toPrecision(2))))
      .filter((mark) => mark >= low && mark <= high);
  if (last - first > 3) return marksBy([1]);
  const usual = marksBy([1, 2, 5]);
  return usual.length < fewMarks ? marksBy([1, 1.5, 2, 3, 5, 7]) : usual;
}

const fewMarks = 3;
