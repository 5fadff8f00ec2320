// Checks that every estimator makes of what it is given.
import { GenonnxError } from '../errors.js';
import { type CellType, edgeCount, entryCount, type SearchSpace } from '../spaces/search-space.js';

/** More hard samples than any search uses; it bounds the work of the closed forms. */
const MOST_SAMPLES = 1000;

/** @throws `usage` unless M is a whole number from 1 to 1000. */
export function requireSamples(samples: number): void {
  if (Number.isInteger(samples) && samples >= 1 && samples <= MOST_SAMPLES) return;
  throw new GenonnxError('usage', 'The number of samples M is out of range.', {
    where: '`samples`',
    expected: `a whole number from 1 to ${MOST_SAMPLES}`,
    found: `${samples}`,
    cure: 'The paper uses 4 and 7.',
  });
}

/** @throws `usage` unless tau is finite and positive. */
export function requireTemperature(temperature: number): void {
  if (Number.isFinite(temperature) && temperature > 0) return;
  throw new GenonnxError('usage', 'The temperature is out of range.', {
    expected: 'a positive number',
    found: `${temperature}`,
    cure: 'The released code goes from 5 to 1.',
  });
}

/** @throws `shape` unless `values` has an element for every entry of the space. */
export function requireEntries(values: Float64Array, space: SearchSpace, what: string): void {
  const expected = entryCount(space);
  if (values.length === expected) return;
  throw new GenonnxError('shape', `The ${what} do not fit the search space.`, {
    expected: `${expected} values (${space.cellTypes.map(inWords).join('; ')})`,
    found: `${values.length}`,
    cure: 'Use the number of nodes and the list of primitives that they were made with.',
  });
}

function inWords(cellType: CellType): string {
  return `${cellType.name}: ${edgeCount(cellType)} edges x ${cellType.primitives.length} primitives`;
}
