import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { openStream } from '../../src/random.js';
import { writeTinyText } from '../support/tiny-text.js';
import { freshFolder, genonnx } from './command.js';
import { commands, expectSameRun, hasBegun, type TinyKind, trainsLanguage } from './tiny-runs.js';

describe.each<[string, TinyKind, (folder: string) => readonly string[]]>([
  ['search', 'search', () => commands.search],
  ['training', 'train', () => commands.train],
  ['training of a language model', 'train', (folder) => trainsLanguage(writeTinyText(join(folder, 'text')))],
])('a %s that is killed three times', (_, kind, commandIn) => {
  it('ends with the bytes of an uninterrupted one', { timeout: 240_000 }, async () => {
    const folder = freshFolder();
    const command = commandIn(folder);
    const [whole, cut] = [join(folder, 'whole'), join(folder, 'cut')];
    const startedAt = performance.now();
    const reference = await genonnx([...command, '--out', whole]);
    expect(reference.exitCode, String(reference.stderr)).toBe(0);
    const wholeMs = performance.now() - startedAt;

    const moments = openStream(11, kind);
    let patience = 1;
    for (let kills = 0; kills < 3; ) {
      const run = genonnx(hasBegun(cut) ? [kind, '--resume', cut] : [...command, '--out', cut]);
      await wait(patience * wholeMs * (0.3 + 0.5 * moments.uniform()));
      const isKilled = run.kill('SIGKILL');
      // A busy machine can take all of the time before there is a run that could be killed.
      if (isKilled && hasBegun(cut)) kills += 1;
      else patience *= 1.5;
      const ended = await run;
      if (ended.exitCode === 0) break;
    }
    const resumed = await genonnx([kind, '--resume', cut]);
    expect(resumed.exitCode, String(resumed.stderr)).toBe(0);

    expectSameRun(kind, cut, whole);
  });
});

describe('resuming', () => {
  it('refuses other settings, naming what differs, and a second process', { timeout: 120_000 }, async () => {
    const out = join(freshFolder(), 'run');
    const run = genonnx([...commands.search, '--epochs', '60', '--out', out]);
    let tried: Promise<void> | undefined;
    run.stderr?.on('data', (text) => {
      if (tried !== undefined || !String(text).includes('epoch 1/')) return;
      tried = genonnx(['search', '--resume', out]).then((second) => {
        expect(second.exitCode).toBe(2);
        expect(second.stderr).toContain('run.lock');
        run.kill('SIGTERM');
      });
    });
    await run;
    await tried;
    const other = await genonnx(['search', '--resume', out, '--seed', '4', '--lr', '0.5']);
    expect(other.exitCode).toBe(2);
    expect(other.stderr).toContain('seed = 3, weights.learningRate = 0.025');
    expect(other.stderr).toContain('seed = 4, weights.learningRate = 0.5');
    const wrongKind = await genonnx(['train', '--resume', out]);
    expect(wrongKind.exitCode).toBe(2);
  });
});

describe('an interrupted search', () => {
  it('writes a checkpoint, says how to go on, and exits with 130', { timeout: 60_000 }, async () => {
    const out = join(freshFolder(), 'run');
    const run = genonnx([...commands.search, '--epochs', '40', '--out', out]);
    run.stderr?.on('data', (text) => {
      if (String(text).includes('epoch 1/')) run.kill('SIGINT');
    });
    const ended = await run;
    expect(ended.exitCode).toBe(130);
    expect(ended.stderr).toContain(`genonnx search --resume ${out}`);
    expect(readdirSync(join(out, 'checkpoints'))).toContain('last.json');
  });
});
