import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { search } from '../../src/entries/search.js';
import { freshFolder, genonnx } from './command.js';

describe('report', () => {
  const folder = freshFolder();
  const run = join(folder, 'run');

  beforeAll(async () => {
    const settings = { limit: 64, batch: 16, cells: 1, channels: 4, epochs: 1, layout: 'portable' } as const;
    await search({ preset: 'small', settings, threads: 1, out: run });
  });

  it('overwrites nothing unless it is told to', async () => {
    const first = await genonnx(['report', run]);
    expect(first.stderr).toBe('');
    expect(first.stdout).toBe(join(run, 'report.html'));
    const page = readFileSync(join(run, 'report.html'), 'utf8');
    expect(page).toContain('<h1>');

    writeFileSync(join(run, 'report.html'), 'mine');
    const again = await genonnx(['report', run]);
    expect(again.exitCode).toBe(2);
    expect(again.stderr).toContain('--force');
    expect(readFileSync(join(run, 'report.html'), 'utf8')).toBe('mine');

    const forced = await genonnx(['report', run, '--force', '--json']);
    expect(JSON.parse(String(forced.stdout))).toEqual([join(run, 'report.html')]);
    expect(readFileSync(join(run, 'report.html'), 'utf8')).toBe(page);
  });

  it('makes the folders on the way, and only for a report', async () => {
    const out = join(folder, 'a', 'b', 'report.html');
    const none = await genonnx(['report', join(folder, 'none'), '--out', out]);
    expect(none.exitCode).toBe(2);
    expect(existsSync(join(folder, 'a'))).toBe(false);
    expect((await genonnx(['report', run, '--out', out])).exitCode).toBe(0);
    expect(readFileSync(out, 'utf8')).toContain('<h1>');
  });
});
