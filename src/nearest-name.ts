// Which of the names that are known somebody may have meant, and the words that ask.

/** What to do about a name that is none of `known`: `Did you mean X?` where one of them is near, else `otherwise`. */
export function didYouMean(name: string, known: readonly string[], otherwise: string): string {
  const nearest = nearestName(name, known);
  return nearest === undefined ? otherwise : `Did you mean ${nearest}?`;
}

/**
 * The candidate that takes the fewest edits to reach from `name`, upper or lower case; the first of several. An edit is of one
 * letter, or swaps two that stand side by side (optimal string alignment). Undefined where more than half of the letters would
 * have to be edited, unless `name` is the beginning of a candidate.
 */
export function nearestName<Name extends string>(
  name: string,
  candidates: readonly Name[],
): Name | undefined {
  // Letters far beyond the longest candidate cannot change which one is nearest.
  const longest = candidates.reduce((most, { length }) => Math.max(most, length), 0);
  const asked = name.slice(0, 3 * longest).toLowerCase();
  let nearest: Name | undefined;
  let fewest = Number.POSITIVE_INFINITY;
  for (const candidate of candidates) {
    const known = candidate.toLowerCase();
    const edits = editDistance(asked, known);
    if (edits < fewest && (isNear(asked, known, edits) || isBeginning(asked, known))) {
      nearest = candidate;
      fewest = edits;
    }
  }
  return nearest;
}

/** Of words of three letters, the first must be the same: cpu is not what gpu was meant to be. */
function isNear(asked: string, known: string, edits: number): boolean {
  const longer = Math.max(asked.length, known.length);
  return 2 * edits <= longer && (longer > 3 || asked[0] === known[0]);
}

/** Of three letters or more: one or two begin too many names. */
function isBeginning(asked: string, known: string): boolean {
  return asked.length >= 3 && known.startsWith(asked);
}

/** Letters to put in, take out, replace or swap with the next, one row of the table at a time. */
function editDistance(a: string, b: string): number {
  let before: readonly number[] = [];
  let row: readonly number[] = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      const areSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swapped = areSwapped ? before[j - 2]! + 1 : Number.POSITIVE_INFINITY;
      next.push(Math.min(replaced, swapped, row[j]! + 1, next[j - 1]! + 1));
    }
    before = row;
    row = next;
  }
  return row[b.length]!;
}
