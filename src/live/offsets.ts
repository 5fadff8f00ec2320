// How far a page knows each journal, in the id of an event: the run and the length in bytes, `3f2a09c1b7:2048`, for every run.
// A browser sends the last id that it has seen when it connects again.

/** Lengths of journals in bytes, by the ids of their runs. */
export type Offsets = ReadonlyMap<string, number>;

export function printOffsets(offsets: Offsets): string {
  return [...offsets].map(([run, bytes]) => `${run}:${bytes}`).join(',');
}

/** Whatever is no run with a length is passed over: ids come from anywhere. */
export function parseOffsets(text: string): Map<string, number> {
  const found = new Map<string, number>();
  for (const part of text.split(',')) {
    const [, run, digits] = /^([0-9a-f]{1,64}):(\d{1,15})$/.exec(part) ?? [];
    if (run !== undefined) found.set(run, Number(digits));
  }
  return found;
}
