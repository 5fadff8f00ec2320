import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { Journal, readJournal } from '../../../src/runs/journal.js';
import { refusal, scratch } from './helpers.js';

const schema = z.object({ epoch: z.number(), note: z.string() });
const records = [
  { epoch: 1, note: 'first' },
  { epoch: 2, note: 'größer\n' },
  { epoch: 3, note: '' },
];

describe('Journal', () => {
  it('appends lines and counts bytes', async () => {
    const path = join(scratch(), 'journal.jsonl');
    const journal = await Journal.open(path);
    for (const record of records) await journal.append(record);
    expect(journal.length).toBe(readFileSync(path).length);
    await journal.close();
    expect(await readJournal(path, schema)).toEqual(records);
  });

  it('keeps the whole lines, wherever a kill cut the file, and goes on from there', async () => {
    const folder = scratch();
    const whole = Buffer.from(records.map((record) => `${JSON.stringify(record)}\n`).join(''));
    for (let length = 0; length <= whole.length; length++) {
      const path = join(folder, 'journal.jsonl');
      writeFileSync(path, whole.subarray(0, length));
      const lines = whole.subarray(0, length).filter((byte) => byte === 0x0a).length;
      expect(await readJournal(path, schema)).toEqual(records.slice(0, lines));
      const journal = await Journal.open(path);
      for (const record of records.slice(lines)) await journal.append(record);
      await journal.close();
      expect(readFileSync(path)).toEqual(whole);
    }
  });

  it('goes back to the length of a checkpoint, and to no other', async () => {
    const path = join(scratch(), 'journal.jsonl');
    const journal = await Journal.open(path);
    await journal.append(records[0]!);
    const { length } = journal;
    await journal.append(records[1]!);
    await refusal('file-corrupt', () => journal.truncate(length + 1));
    await refusal('file-corrupt', () => journal.truncate(journal.length + 1));
    await journal.truncate(length);
    await journal.append(records[2]!);
    await journal.close();
    expect(await readJournal(path, schema)).toEqual([records[0], records[2]]);
  });

  it('names the line that is no record', async () => {
    const folder = scratch();
    const path = join(folder, 'journal.jsonl');
    writeFileSync(path, '{"epoch":1,"note":""}\nrubbish\n');
    expect((await refusal('file-corrupt', () => readJournal(path, schema))).details.where).toBe(`${path}:2`);
    writeFileSync(path, '{"epoch":1}\n');
    expect((await refusal('file-corrupt', () => readJournal(path, schema))).message).toContain('note');
    await refusal('file-missing', () => readJournal(join(folder, 'none'), schema));
    await refusal('output-unwritable', () => Journal.open(join(folder, 'none', 'journal.jsonl')));
  });
});
