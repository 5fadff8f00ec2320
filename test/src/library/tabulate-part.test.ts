// Rows of a table in a folder of their own, trained by processes of what is built.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isTablePart, tabulatePart } from '../../../src/library/tabulate-part.js';
import { declarationSchema } from '../../../src/table/declaration.js';
import { scratch } from '../runs/helpers.js';

const declaration = declarationSchema.parse({
  name: 'A few',
  task: 'one-cell',
  data: 'fashion-mnist',
  limit: 40,
  seeds: [1],
  train: { stages: 1, channels: 4, epochs: 1, batch: 20, stemStride: 4 },
});

describe('a part of a table', () => {
  it('goes on where it was stopped, with what its folder says of it', async () => {
    const folder = join(scratch(), 'part');
    expect(await isTablePart(folder)).toBe(false);
    const stop = new AbortController();
    const part = {
      declaration,
      runs: [
        { seed: 1, network: 250 },
        { seed: 1, network: 251 },
      ],
    };
    await tabulatePart({ part, folder, signal: stop.signal, onProgress: () => stop.abort() });
    const lines = () => readFileSync(join(folder, 'journal.jsonl'), 'utf8').trim().split('\n');
    expect(lines()).toHaveLength(1);
    expect(await isTablePart(folder)).toBe(true);
    const [first] = lines();
    expect(await tabulatePart({ folder })).toEqual([]);
    expect(lines()).toHaveLength(2);
    expect(lines()[0]).toBe(first);
  }, 120_000);

  it('is none of networks that the space does not have', async () => {
    const part = { declaration, runs: [{ seed: 1, network: 100_000 }] };
    await expect(tabulatePart({ part, folder: join(scratch(), 'part') })).rejects.toThrow(
      'The space has no such network.',
    );
  });
});
