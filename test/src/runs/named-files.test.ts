// The contract of a place for the files of a run, which a folder and memory both keep.
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FolderFiles } from '../../../src/runs/folder-files.js';
import { MemoryFiles } from '../../../src/runs/memory-files.js';
import { places, refusal, scratch } from './helpers.js';

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (content: Uint8Array | undefined) => content && new TextDecoder().decode(content);

describe.each(places)('files in %s', (_, { make }) => {
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
    const lock = files.lock();
    await refusal('run-locked', () => files.lock());
    lock.release();
    const next = files.lock();
    lock.release();
    await refusal('run-locked', () => files.lock());
    next.release();
  });
});

describe('a folder', () => {
  it('lists no temporary files, and sweeps them away', async () => {
    const path = scratch();
    const files = new FolderFiles(path);
    await files.write('inner/kept', '');
    writeFileSync(join(path, 'inner', '.cut.json.0123456789ab.tmp'), '{');
    expect(await files.list('inner')).toEqual(['kept']);
    await files.sweep('inner');
    expect(readdirSync(join(path, 'inner'))).toEqual(['kept']);
    await files.sweep('none');
  });

  it('says what stands in the way', async () => {
    const path = scratch();
    const files = new FolderFiles(path);
    writeFileSync(join(path, 'file'), 'kept');
    mkdirSync(join(path, 'folder'));
    for (const name of ['file/inner', 'folder'])
      await refusal('output-unwritable', () => files.write(name, ''));
    await refusal('output-unwritable', () => files.append('folder', bytes('x')));
    await refusal('output-unwritable', () => files.truncate('none', 0));
    await refusal('file-missing', () => files.read('folder'));
    await refusal('file-missing', () => files.list('file'));
    await refusal('output-unwritable', () => new FolderFiles(join(path, 'none')).lock());
  });
});

describe('memory', () => {
  it('hands its files on', async () => {
    const files = new MemoryFiles();
    await files.write('inner/a', 'abc');
    const other = new MemoryFiles('copy', files.entries());
    await files.write('inner/a', 'other');
    expect(text(await other.read('inner/a'))).toBe('abc');
    expect(other.where('inner/a')).toBe('copy/inner/a');
  });
});
