// The names of the candidate operations of a convolutional cell, as DARTS spells them. Names only: what a primitive
// computes is written in `src/networks/operations`.

/** The candidates of the search space, in DARTS's order: the columns of the alphas. */
export const SEARCH_PRIMITIVES = [
  'none',
  'max_pool_3x3',
  'avg_pool_3x3',
  'skip_connect',
  'sep_conv_3x3',
  'sep_conv_5x5',
  'dil_conv_3x3',
  'dil_conv_5x5',
] as const;

/** Every primitive that a genotype may name: the searched ones and two that known genotypes use besides. */
export const PRIMITIVES = [...SEARCH_PRIMITIVES, 'sep_conv_7x7', 'conv_7x1_1x7'] as const;

export type Primitive = (typeof PRIMITIVES)[number];

/** A primitive that computes something; `none` is the absence of an operation. */
export type Operation = Exclude<Primitive, 'none'>;

const NAMES: ReadonlySet<string> = new Set(PRIMITIVES);

export function isPrimitive(name: string): name is Primitive {
  return NAMES.has(name);
}

/** The primitive whose name takes the fewest edits (Levenshtein) to reach from `name`; the first of several. */
export function nearestPrimitive(name: string): Primitive {
  // No name is longer than 20 letters, so letters far beyond that cannot change which one is nearest.
  const asked = name.slice(0, 64).toLowerCase();
  let nearest: Primitive = PRIMITIVES[0];
  let fewest = Number.POSITIVE_INFINITY;
  for (const candidate of PRIMITIVES) {
    const edits = editDistance(asked, candidate);
    if (edits < fewest) {
      nearest = candidate;
      fewest = edits;
    }
  }
  return nearest;
}

/** Levenshtein's distance, one row of its table at a time. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
