// A follower against the file itself: whatever is written and when it looks, what it hands on is what stands there.
import { appendFileSync, mkdtempSync, realpathSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FollowedJournal } from '../../../src/live/follow-journal.js';

let folder = '';
let path = '';
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'genonnx-live-')));
  path = join(folder, 'journal.jsonl');
  writeFileSync(path, '');
});
afterEach(() => rmSync(folder, { recursive: true }));

const follow = () => new FollowedJournal([folder], path);
const line = (epoch: number) => `${JSON.stringify({ epoch, train: { loss: 1 / epoch } })}\n`;

/** What a page that starts at `from` comes to know, message by message. */
function epochsAfter(
  journal: FollowedJournal,
  from = 0,
): { epochs: unknown[]; froms: number[]; end: number } {
  const epochs: unknown[] = [];
  const froms: number[] = [];
  for (let at = from; ; ) {
    const message = journal.after('a', at);
    if (message === undefined) return { epochs, froms, end: at };
    froms.push(message.from);
    if (message.from === 0) epochs.length = 0;
    epochs.push(...(message.columns.epoch ?? []));
    at = message.to;
  }
}

const count = (n: number) => Array.from({ length: n }, (_, i) => i + 1);

describe('a journal that is followed', () => {
  it('has each line once its end is written, in whatever pieces it comes', async () => {
    const pieces = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(pieces, async (sizes) => {
        writeFileSync(path, '');
        const text = Buffer.from(count(8).map(line).join(''));
        const journal = follow();
        let at = 0;
        for (const size of sizes) {
          appendFileSync(path, text.subarray(at, at + size));
          at = Math.min(text.length, at + size);
          await journal.look();
          const whole = text.subarray(0, at).toString().split('\n').length - 1;
          expect(epochsAfter(journal).epochs).toEqual(count(whole));
        }
      }),
      { numRuns: 30 },
    );
  });

  it('hands on what is behind an offset, and all of it where no line ends there', async () => {
    writeFileSync(path, count(450).map(line).join(''));
    const journal = follow();
    await journal.look();
    const { epochs, froms, end } = epochsAfter(journal);
    expect(epochs).toEqual(count(450));
    expect(froms.length).toBeGreaterThan(1);
    appendFileSync(path, line(451));
    await journal.look();
    expect(epochsAfter(journal, end)).toMatchObject({ epochs: [451], froms: [end] });
    expect(epochsAfter(journal, end - 1).epochs).toEqual(count(451));
    expect(epochsAfter(journal, 1e9).epochs).toEqual(count(451));
  });

  it('begins anew where the journal was taken back, also when it has grown beyond since', async () => {
    const lines = count(6).map(line);
    writeFileSync(path, lines.join(''));
    const journal = follow();
    await journal.look();
    const before = journal.generation;
    truncateSync(path, lines.slice(0, 3).join('').length);
    await journal.look();
    expect(epochsAfter(journal).epochs).toEqual([1, 2, 3]);
    expect(journal.generation).toBe(before + 1);
    // Other lines, and more of them, between two looks.
    writeFileSync(path, `${line(1)}${line(20)}${line(30)}${line(40)}${line(50)}`);
    await journal.look();
    expect(epochsAfter(journal).epochs).toEqual([1, 20, 30, 40, 50]);
    expect(journal.generation).toBe(before + 2);
  });

  it('tells a page that knows lines when none are left', async () => {
    writeFileSync(path, line(1));
    const journal = follow();
    await journal.look();
    writeFileSync(path, '');
    await journal.look();
    expect(journal.after('a', line(1).length)).toMatchObject({ from: 0, to: 0 });
    expect(journal.after('a', 0)).toBeUndefined();
    rmSync(path);
    expect(await journal.look()).toBe(false);
  });

  it('has the text of lines as it stands there, and passes over what is no JSON', async () => {
    writeFileSync(path, `${line(1)}nonsense\n${line(3)}`);
    const journal = follow();
    await journal.look();
    expect(epochsAfter(journal).epochs).toEqual([1, null, 3]);
    expect(await journal.text(1, 3)).toEqual(['nonsense', line(3).trim()]);
  });
});
