// A part of a table: some of its trainings, as a job makes them. A part is named by its trainings alone, so that the table of more
// seeds, or of another name, has parts in common with it.
import { GenonnxError } from '../errors.js';

/** A training: a seed, and the place of a network among the space's. */
export interface PartRun {
  readonly seed: number;
  /** From 0. */
  readonly network: number;
}

/** `1:0,1:1` */
export function printPart(runs: readonly PartRun[]): string {
  return runs.map(({ seed, network }) => `${seed}:${network}`).join(',');
}

/** @throws GenonnxError `usage` */
export function parsePart(text: string): PartRun[] {
  return text.split(',').map((one) => {
    const [, seed, network] = /^(\d{1,9}):(\d{1,9})$/.exec(one.trim()) ?? [];
    if (seed !== undefined && network !== undefined) return { seed: Number(seed), network: Number(network) };
    throw new GenonnxError('usage', 'These are no rows of a table.', {
      where: '`rows`',
      expected: 'SEED:NETWORK, ...',
      found: one,
      cure: 'Name a seed, and the place of a network among those of the space, from 0, for each.',
    });
  });
}

/** Neighbours together, at most so many; the last part may be smaller. */
export function inParts<T>(all: readonly T[], size: number): T[][] {
  const parts: T[][] = [];
  for (let at = 0; at < all.length; at += size) parts.push(all.slice(at, at + size));
  return parts;
}
