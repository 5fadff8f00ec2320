// What a validation found, in a sentence or two.
import { shapeText } from '../../../graphs/shapes.js';
import type { Departure } from '../departure.js';
import type { Validation } from '../validate.js';

export function inWords(
  { ok, sides, tolerance, precision, comparisons, notCompared, firstDeparture }: Omit<Validation, 'summary'>,
  isDefaultTolerance: boolean,
): string {
  const [reference, found] = sides[0].isReference ? sides : [sides[1], sides[0]];
  const batches = [...new Set(comparisons.map(({ batch }) => batch))].join(', ');
  const lengths = [...new Set(comparisons.flatMap(({ length }) => length ?? []))].join(', ');
  const sizes = lengths === '' ? `batches ${batches}` : `batches ${batches}; texts of ${lengths} words`;
  const worst = Math.max(...comparisons.map(({ ofTolerance }) => ofTolerance));
  const forHalf = isDefaultTolerance && precision === 'float16' ? ' (that for float16)' : '';
  const limit = `${tolerance.absolute} + ${tolerance.relative} of the largest value${forHalf}`;
  const left = notCompared.length === 0 ? '' : ` Not compared: ${notCompared.join(', ')}.`;
  if (ok) {
    const share = `${(worst * 100).toFixed(2)} %`;
    return `${found.label} agrees with ${reference.label} (${sizes}): at most ${share} of the tolerance, ${limit}.${left}`;
  }
  return `${found.label} departs from ${reference.label} by ${worst.toFixed(1)} times the tolerance, ${limit}; ${departureInWords(firstDeparture)}.${left}`;
}

function departureInWords(departure: Departure | undefined): string {
  if (departure === undefined) return 'no single operation is known to depart, with optimizations off';
  const { operation, path, shapes, position, expected, found, unseen } = departure;
  const [first] = unseen;
  const before = unseen.length > 1 ? ` and ${unseen.length - 1} more` : '';
  const or =
    first === undefined
      ? ''
      : ` (or, not shown by both sides, ${first.operation} at ${first.path}${before} before it)`;
  const what = `the first operation to depart is ${operation} at ${path}${or}`;
  if (shapes !== undefined)
    return `${what}: its result is ${shapeText(shapes.found)}, not ${shapeText(shapes.expected)}`;
  return `${what}: element ${shapeText(position)} is ${found}, not ${expected}`;
}
