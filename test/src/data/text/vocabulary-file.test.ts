import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readVocabulary, writeVocabulary } from '../../../../src/data/text/vocabulary-file.js';
import { expectRefusal, folderWith } from '../../../datasets/helpers.js';

describe('a vocabulary file on the disk', () => {
  it('comes back as it was written', async () => {
    const path = join(await folderWith({}), 'words.txt');
    await writeVocabulary(path, ['the', 'caf\u00e9', '<eos>']);
    expect(await readFile(path, 'utf8')).toBe('the\ncaf\u00e9\n<eos>\n');
    expect(await readVocabulary(path)).toEqual(['the', 'caf\u00e9', '<eos>']);
  });

  it('is refused where it is missing, no UTF-8, or malformed', async () => {
    const folder = await folderWith({ latin: Uint8Array.of(0x61, 0xe9), twice: 'a\na\n' });
    await expectRefusal(() => readVocabulary(join(folder, 'none')), 'file-missing');
    await expectRefusal(() => readVocabulary(join(folder, 'latin')), 'data-corrupt', /latin, byte 1 /);
    await expectRefusal(() => readVocabulary(join(folder, 'twice')), 'data-corrupt', /twice, line 2/);
  });

  it('is not written with what would not come back', async () => {
    const folder = await folderWith({});
    await expectRefusal(() => writeVocabulary(join(folder, 'words.txt'), ['a', 'b c']), 'data-corrupt');
    expect(await readdir(folder)).toEqual([]);
  });
});
