// What a user types to watch a run: the page by itself, and beside a search, which stays the same search.
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { freshFolder, genonnx } from './command.js';
import { commands, expectSameRun } from './tiny-runs.js';

/** The first address that a command prints, on whichever stream. */
function addressOf(run: ReturnType<typeof genonnx>): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    const hear = (piece: unknown): void => {
      text += String(piece);
      const found = /http:\/\/\S+/.exec(text)?.[0];
      if (found !== undefined) resolve(found);
    };
    run.stdout?.on('data', hear);
    run.stderr?.on('data', hear);
  });
}

describe('watching', () => {
  it('is served beside a search, which ends with the same bytes', { timeout: 240_000 }, async () => {
    const folder = freshFolder();
    const [watched, alone] = [join(folder, 'watched'), join(folder, 'alone')];
    const run = genonnx([...commands.search, '--live', '--out', watched]);
    const url = await addressOf(run);
    const events = await fetch(new URL('events', url));
    const [text, ended, reference] = await Promise.all([
      // What is sent until the end: the last that a page hears is that the search is done.
      events.text(),
      run,
      genonnx([...commands.search, '--out', alone]),
    ]);
    expect(ended.exitCode, String(ended.stderr)).toBe(0);
    expect(reference.exitCode).toBe(0);
    expectSameRun('search', watched, alone);
    expect(text).toContain('"state":"running"');
    expect(text).toContain('"epoch":[2]');
    await expect(fetch(url)).rejects.toThrow();
  });

  it('is a command that ends when it is asked to', { timeout: 60_000 }, async () => {
    const run = genonnx(['live', freshFolder(), '--port', '0']);
    const answer = await fetch(await addressOf(run));
    expect(await answer.text()).toContain('genonnx live');
    run.kill('SIGINT');
    expect((await run).exitCode).toBe(0);
  });
});
