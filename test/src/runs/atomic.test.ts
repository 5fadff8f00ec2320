import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryPath, writeFileAtomic } from '../../../src/runs/atomic.js';
import { asUnwritable } from '../../../src/runs/file-errors.js';
import { isTemporary } from '../../../src/runs/temporary-names.js';
import { refusal, scratch } from './helpers.js';

describe('writeFileAtomic', () => {
  it('replaces a file and leaves nothing beside it', async () => {
    const folder = scratch();
    const path = join(folder, 'a.txt');
    await writeFileAtomic(path, 'one');
    await writeFileAtomic(path, Buffer.from('two'));
    expect(readFileSync(path, 'utf8')).toBe('two');
    expect(readdirSync(folder)).toEqual(['a.txt']);
  });

  it('refuses a path through a file, and a folder in the place of the file', async () => {
    const folder = scratch();
    writeFileSync(join(folder, 'file'), 'kept');
    mkdirSync(join(folder, 'folder', 'inner'), { recursive: true });
    const through = await refusal('output-unwritable', () => writeFileAtomic(join(folder, 'file', 'a'), ''));
    expect(through.message).toMatch(/where: .*found: .*cure: /s);
    await refusal('output-unwritable', () => writeFileAtomic(join(folder, 'none', 'a'), ''));
    await refusal('output-unwritable', () => writeFileAtomic(join(folder, 'folder'), ''));
    expect(readdirSync(folder)).toEqual(['file', 'folder']);
    expect(readFileSync(join(folder, 'file'), 'utf8')).toBe('kept');
  });

  it('names a cure for what the system answers, and passes other errors on', async () => {
    for (const code of ['ENOSPC', 'EACCES', 'EROFS', 'ENOTDIR']) {
      const error = Object.assign(new Error(code), { code });
      const mapped = await refusal('output-unwritable', () => {
        throw asUnwritable(error, '/there/file');
      });
      expect(mapped.details).toMatchObject({ where: '/there/file', cure: expect.any(String) });
      expect(mapped.cause).toBe(error);
    }
    const other = new Error('other');
    expect(asUnwritable(other, '/there')).toBe(other);
  });

  it('knows its temporary files by name', () => {
    expect(isTemporary(temporaryPath('/x/a.json').slice(3))).toBe(true);
    expect(isTemporary('a.json')).toBe(false);
  });
});
