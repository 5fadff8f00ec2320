// Which images a run sees, and what chance does to them.
import { z } from 'zod';
import { imagenetAugmentation } from '../../data/pictures/imagenet.js';
import { GenonnxError } from '../../errors.js';
import type { Given } from '../given.js';

const positive = z.int().min(1);
const reach = z.number().min(0);

/** Crops, mirror images and colours as networks are trained on with ImageNet; in the place of padding, crop and cutout. */
const imagenetAugmentationSchema = z.object({
  kind: z.literal('imagenet'),
  size: positive,
  resize: positive,
  area: z.object({ least: z.number().gt(0).max(1), most: z.number().gt(0).max(1) }),
  jitter: z.object({ brightness: reach, contrast: reach, saturation: reach, hue: reach.max(0.5) }),
});

export const imageOptions = {
  data: z.string().min(1),
  limit: positive.optional(),
  /** Images are surrounded with black to this extent; pictures of files are made to fit into it. */
  padTo: positive.optional(),
  cropPadding: z.int().min(0),
  flip: z.boolean(),
  cutout: z.int().min(0),
  augmentation: imagenetAugmentationSchema.optional(),
  /** Whether pictures that cannot be decoded are left out. */
  skipBroken: z.boolean().optional(),
  /** Threads that read pictures; the batches are the same with any number. */
  workers: z.int().min(0).optional(),
};

type Augmented = {
  readonly padTo?: number | undefined;
  readonly cropPadding: number;
  readonly cutout: number;
  readonly augmentation?: z.infer<typeof imagenetAugmentationSchema> | undefined;
};

/**
 * A preset with the crops of ImageNet where it has them, or where anything of them is given, and without them where another
 * augmentation is given in their place. Before a test's crop as much is left at any size.
 */
export function withCrops<Preset extends Augmented>(
  preset: Preset,
  { padTo, cropPadding = 0, cutout = 0, augmentation: given }: Given<Augmented>,
): Preset {
  const { augmentation: own } = preset;
  const isReplaced = padTo !== undefined || cropPadding > 0 || cutout > 0;
  if (given === undefined && (own === undefined || isReplaced)) return { ...preset, augmentation: undefined };
  const crops = own ?? imagenetAugmentation;
  const { size = crops.size } = given ?? {};
  const resize = Math.round((size * crops.resize) / crops.size);
  return { ...preset, cropPadding: 0, cutout: 0, augmentation: { ...crops, resize } };
}

/** @throws GenonnxError `usage` for two kinds of augmentation at once, or a crop that is larger than what it is cut from. */
export function requireOneAugmentation({ padTo, cropPadding, cutout, augmentation }: Augmented): void {
  if (augmentation === undefined) return;
  const { size, resize, area } = augmentation;
  const refuse = (where: string, expected: string, found: number): GenonnxError =>
    new GenonnxError('usage', 'The augmentation is not possible.', {
      where,
      expected,
      found: String(found),
      cure: 'Give such a number, or leave both out.',
    });
  if (size > resize) throw refuse('`augmentation.size`', `at most \`augmentation.resize\`, ${resize}`, size);
  if (area.least > area.most)
    throw refuse('augmentation.area.least', `at most augmentation.area.most, ${area.most}`, area.least);
  for (const [name, value] of Object.entries({ padTo, cropPadding, cutout }))
    if (value !== undefined && value !== 0)
      throw refuse(`\`${name}\``, 'none, with the crops of ImageNet', value);
}
