import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { objectionTo } from '../../src/objections.js';

const whole = z.int().min(1);
const schema = z.object({
  cells: whole.optional(),
  share: z.number().positive().max(1).optional(),
  mode: z.enum(['alternating', 'joint']).optional(),
  jobs: z.union([z.literal('auto'), whole]).optional(),
  seeds: z.array(whole).min(1).optional(),
  pair: z.tuple([whole, whole]).optional(),
  name: z.string().min(1).optional(),
  flip: z.boolean().optional(),
  weights: z
    .discriminatedUnion('optimizer', [
      z.object({ optimizer: z.literal('sgd'), momentum: z.number() }),
      z.object({ optimizer: z.literal('adam') }),
    ])
    .optional(),
});

function objection(value: object) {
  const parsed = schema.safeParse(value);
  if (parsed.success) throw new Error('It was taken.');
  return objectionTo(value, parsed.error, 'Mend it.');
}

describe('objectionTo', () => {
  it.each<[object, string, string, string]>([
    [{ cells: 1.5 }, 'cells', 'a whole number', '1.5'],
    [{ cells: 'four' }, 'cells', 'a number', 'four'],
    [{ cells: 0 }, 'cells', 'at least 1', '0'],
    [{ share: 0 }, 'share', 'more than 0', '0'],
    [{ share: 2 }, 'share', 'at most 1', '2'],
    [{ seeds: [] }, 'seeds', 'a list of at least 1', '[]'],
    [{ seeds: [3, 'x'] }, 'seeds.1', 'a number', 'x'],
    [{ pair: [1] }, 'pair', 'a list of at least 2', '[1]'],
    [{ name: '' }, 'name', 'a text of at least 1', ''],
    [{ name: 7 }, 'name', 'a text', '7'],
    [{ flip: 'yes' }, 'flip', 'true or false', 'yes'],
    [{ weights: 3 }, 'weights', 'names with values', '3'],
    [{ weights: { optimizer: 'sgd' } }, 'weights.momentum', 'a number', 'nothing'],
    [{ jobs: true }, 'jobs', 'auto, or a number', 'true'],
  ])('says of %j where, what was expected and what was found', (value, where, expected, found) => {
    const { path, ...details } = objection(value);
    expect(path.join('.')).toBe(where);
    expect(details).toEqual({ expected, found, cure: 'Mend it.' });
  });

  it.each<[object, string, string]>([
    [{ mode: 'jiont' }, 'alternating, joint', 'Did you mean joint?'],
    [{ jobs: 'auta' }, 'auto, or a number', 'Did you mean auto?'],
    [{ weights: { optimizer: 'sdg', momentum: 1 } }, 'sgd, adam', 'Did you mean sgd?'],
    [{ mode: 'bilevel' }, 'alternating, joint', 'Mend it.'],
  ])('knows which word %j may have meant', (value, expected, cure) => {
    expect(objection(value)).toMatchObject({ expected, cure });
  });

  it('cuts long values short', () => {
    expect(objection({ mode: 'x'.repeat(1000) }).found).toHaveLength(80);
  });
});
