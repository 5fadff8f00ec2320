// The contract of a place for the files of a run, which a folder and memory both keep; a browser's storage keeps it, too
// (`browser-files.test.ts`).
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FolderFiles } from '../../../src/runs/folder-files.js';
import { MemoryFiles } from '../../../src/runs/memory-files.js';
import { bytes, filesContract, text } from './files-contract.js';
import { places, refusal, scratch } from './helpers.js';

describe.each(places)('files in %s', (_, { make }) => {
  filesContract(make);
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
