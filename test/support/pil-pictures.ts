// What PIL makes of small pictures: test/fixtures/vision/make-pil.py.
import { readFileSync } from 'node:fs';
import { z } from 'zod';

const picture = z
  .object({ height: z.number(), width: z.number(), channels: z.number(), data: z.string() })
  .transform(({ data, ...size }) => ({ ...size, data: Uint8Array.from(Buffer.from(data, 'base64')) }));

const schema = z.object({
  resizes: z.array(z.object({ picture, bilinear: picture, nearest: picture })),
  crop: z.object({
    picture,
    box: z.object({ top: z.number(), left: z.number(), height: z.number(), width: z.number() }),
    bilinear: picture,
  }),
  centres: z.array(z.object({ picture, resize: z.number(), crop: z.number(), result: picture })),
  colours: picture,
  jitters: z.array(
    z.object({
      change: z.enum(['brightness', 'contrast', 'saturation', 'hue']),
      by: z.number(),
      result: picture,
    }),
  ),
});

export const pil = schema.parse(
  JSON.parse(readFileSync(new URL('../fixtures/vision/pil.json', import.meta.url), 'utf8')),
);
