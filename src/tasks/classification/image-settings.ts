// Which images a run sees, and what chance does to them.
import { z } from 'zod';

const positive = z.int().min(1);

export const imageOptions = {
  data: z.string().min(1),
  limit: positive.optional(),
  /** Images are surrounded with zeros to this extent. */
  padTo: positive.optional(),
  cropPadding: z.int().min(0),
  flip: z.boolean(),
  cutout: z.int().min(0),
};
