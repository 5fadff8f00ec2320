// The epochs of a search with everything that its heat map shows, rounded to what one sees.
import { z } from 'zod';
import type { FollowedJournal } from './follow-journal.js';
import type { EpochDetail } from './messages.js';

const detailSchema = z.object({
  epoch: z.number(),
  genotype: z.string(),
  probabilities: z.record(z.string(), z.array(z.array(z.number()))),
  code: z.record(z.string(), z.array(z.string())).exactOptional(),
});

const steps = 1e4;

/** From the line `first` on, counted from 0; lines of anything but a search are left out. */
export async function epochDetails(journal: FollowedJournal, first: number): Promise<EpochDetail[]> {
  const lines = await journal.text(first, journal.count);
  return lines.flatMap((line) => {
    try {
      const detail = detailSchema.safeParse(JSON.parse(line)).data;
      return detail === undefined ? [] : [{ ...detail, probabilities: rounded(detail.probabilities) }];
    } catch {
      return [];
    }
  });
}

function rounded(cells: EpochDetail['probabilities']): EpochDetail['probabilities'] {
  return Object.fromEntries(
    Object.entries(cells).map(([name, edges]) => [
      name,
      edges.map((row) => row.map((value) => Math.round(value * steps) / steps)),
    ]),
  );
}
