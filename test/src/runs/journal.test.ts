import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { Journal } from '../../../src/runs/journal.js';
import { readJournal } from '../../../src/runs/journal-file.js';
import { places, refusal, scratch } from './helpers.js';

const schema = z.object({ epoch: z.number(), note: z.string() });
const records = [
  { epoch: 1, note: 'first' },
  { epoch: 2, note: 'größer\n' },
  { epoch: 3, note: '' },
];

describe.each(places)('a journal in %s', (_, { make }) => {
  it('appends lines and counts bytes', async () => {
    const files = make();
    const journal = await Journal.open(files, 'journal.jsonl');
    expect(await journal.read(schema)).toEqual([]);
    expect(await files.list('')).toEqual(['journal.jsonl']);
    for (const record of records) await journal.append(record);
    expect(journal.length).toBe((await files.read('journal.jsonl'))?.length);
    expect(await journal.read(schema)).toEqual(records);
  });

  it('keeps the whole lines, wherever a kill cut the file, and goes on from there', async () => {
    const files = make();
    const whole = Buffer.from(records.map((record) => `${JSON.stringify(record)}\n`).join(''));
    for (let length = 0; length <= whole.length; length++) {
      await files.write('journal.jsonl', whole.subarray(0, length));
      const lines = whole.subarray(0, length).filter((byte) => byte === 0x0a).length;
      const journal = await Journal.open(files, 'journal.jsonl');
      expect(await journal.read(schema)).toEqual(records.slice(0, lines));
      for (const record of records.slice(lines)) await journal.append(record);
      expect(whole.equals((await files.read('journal.jsonl')) ?? Buffer.alloc(0))).toBe(true);
    }
  });

  it('goes back to the length of a checkpoint, and to no other', async () => {
    const files = make();
    const journal = await Journal.open(files, 'journal.jsonl');
    await journal.append(records[0]!);
    const { length } = journal;
    await journal.append(records[1]!);
    await refusal('file-corrupt', () => journal.truncate(length + 1));
    await refusal('file-corrupt', () => journal.truncate(journal.length + 1));
    await journal.truncate(length);
    expect(journal.length).toBe(length);
    await journal.append(records[2]!);
    expect(await journal.read(schema)).toEqual([records[0], records[2]]);
  });

  it('names the line that is no record', async () => {
    const files = make();
    await files.write('journal.jsonl', '{"epoch":1,"note":""}\nrubbish\n');
    const journal = await Journal.open(files, 'journal.jsonl');
    const error = await refusal('file-corrupt', () => journal.read(schema));
    expect(error.details.where).toBe(`${files.where('journal.jsonl')}:2`);
    await files.write('journal.jsonl', '{"epoch":1}\n');
    expect((await refusal('file-corrupt', () => journal.read(schema))).message).toContain('note');
  });
});

describe('readJournal', () => {
  it('reads a file that others may be writing, without the line that they have begun', async () => {
    const path = join(scratch(), 'journal.jsonl');
    writeFileSync(path, '{"epoch":1,"note":"größer"}\n{"epo');
    expect(await readJournal(path, schema)).toEqual([{ epoch: 1, note: 'größer' }]);
    writeFileSync(path, 'rubbish\n');
    expect((await refusal('file-corrupt', () => readJournal(path, schema))).details.where).toBe(`${path}:1`);
    await refusal('file-missing', () => readJournal(join(path, 'none'), schema));
  });
});
