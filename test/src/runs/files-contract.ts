// What is asked of every place for the files of a run.
import { expect, it } from 'vitest';
import type { NamedFiles } from '../../../src/runs/named-files.js';
import { refusal } from './helpers.js';

export const bytes = (text: string) => new TextEncoder().encode(text);
export const text = (content: Uint8Array | undefined) => content && new TextDecoder().decode(content);

/** Tests of a place; `make` gives a fresh one. */
export function filesContract(make: () => NamedFiles): void {
  it('are written, replaced, read, listed and removed by their names', async () => {
    const files = make();
    expect(await files.read('a.json')).toBeUndefined();
    expect(await files.list('')).toEqual([]);
    expect(await files.list('inner')).toEqual([]);
    await files.write('a.json', 'größer');
    await files.write('inner/b', [bytes('in '), bytes('pieces')]);
    await files.write('inner/c', bytes('whole'));
    expect((await files.list('')).sort()).toEqual(['a.json', 'inner']);
    expect((await files.list('inner')).sort()).toEqual(['b', 'c']);
    expect(text(await files.read('a.json'))).toBe('größer');
    expect(text(await files.read('inner/b'))).toBe('in pieces');
    await files.write('a.json', 'less');
    expect(text(await files.read('a.json'))).toBe('less');
    await files.remove('inner/b');
    await files.remove('inner/b');
    expect(await files.list('inner')).toEqual(['c']);
    expect(files.where('inner/c')).toMatch(/.[\\/]inner[\\/]c$/);
  });

  it('grow at their end and are cut there', async () => {
    const files = make();
    await files.append('log', new Uint8Array(0));
    expect(text(await files.read('log'))).toBe('');
    await files.append('log', bytes('one'));
    await files.append('log', bytes('two'));
    await files.truncate('log', 4);
    await files.append('log', bytes('!'));
    expect(text(await files.read('log'))).toBe('onet!');
  });

  it('are not those arrays that were written or read', async () => {
    const files = make();
    const given = bytes('abc');
    await files.write('x', given);
    given[0] = 0;
    (await files.read('x'))?.fill(0);
    expect(text(await files.read('x'))).toBe('abc');
  });

  it('let one in at a time', async () => {
    const files = make();
    const lock = await files.lock();
    await refusal('run-locked', () => files.lock());
    await lock.release();
    const next = await files.lock();
    await lock.release();
    await refusal('run-locked', () => files.lock());
    await next.release();
  });
}
