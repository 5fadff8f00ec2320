// Which class was taken for which on the test examples: a table that trainings with classes leave in their folder.
import { z } from 'zod';

/** The name of its file in a run's folder. */
export const confusionFile = 'confusion.json';

export const confusionSchema = z.object({
  /** In the order of rows and columns. */
  classes: z.array(z.string()),
  /** [true class][predicted class]. */
  counts: z.array(z.array(z.number())),
});
export type Confusion = z.infer<typeof confusionSchema>;

/** From the total of a meter, f64[classes * classes]. @throws RangeError for one of another size. */
export function confusionOf(classes: readonly string[], total: Float64Array): Confusion {
  const count = classes.length;
  if (total.length !== count ** 2) throw new RangeError(`${total.length} counts of ${count} classes`);
  return {
    classes: [...classes],
    counts: classes.map((_, row) => [...total.subarray(row * count, (row + 1) * count)]),
  };
}

/** One row of the table a line, for people who look into the file. */
export function printConfusion({ classes, counts }: Confusion): string {
  const rows = counts.map((row) => `    ${JSON.stringify(row)}`);
  return `{\n  "classes": ${JSON.stringify(classes)},\n  "counts": [\n${rows.join(',\n')}\n  ]\n}\n`;
}
