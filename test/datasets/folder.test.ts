import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { openFolder, sha256 } from '../../datasets/folder.js';
import { expectRefusal, folderWith } from './helpers.js';

const content = Uint8Array.from({ length: 1000 }, (_, i) => (i * i) % 251);

describe('openFolder', () => {
  it('reads files that have their checksum, in either case, and files without one', async () => {
    const sums = JSON.stringify({ 'a.gz': sha256(gzipSync(content)).toUpperCase() });
    const folder = await openFolder(
      await folderWith({ 'a.gz': gzipSync(content), b: content, 'checksums.json': sums }),
    );
    expect(await folder.read('a.gz')).toEqual(content);
    expect(await folder.read('b')).toEqual(content);
    expect(folder.checksums).toEqual({ 'a.gz': sha256(gzipSync(content)), b: sha256(content) });
  });

  it('refuses a file with another checksum', async () => {
    const sums = JSON.stringify({ a: sha256(Uint8Array.of(1)) });
    const folder = await openFolder(await folderWith({ a: content, 'checksums.json': sums }));
    await expectRefusal(() => folder.read('a'), 'data-corrupt');
  });

  it('refuses a malformed list of checksums', async () => {
    for (const sums of ['{', '[]', '{"a": 1}', '{"a": "abc"}']) {
      const path = await folderWith({ a: content, 'checksums.json': sums });
      await expectRefusal(() => openFolder(path), 'data-corrupt');
    }
  });

  it('refuses truncated and other files that end in .gz', async () => {
    const packed = gzipSync(content);
    const folder = await openFolder(
      await folderWith({ 'cut.gz': packed.subarray(0, packed.length - 9), 'plain.gz': content }),
    );
    await expectRefusal(() => folder.read('cut.gz'), 'data-corrupt');
    await expectRefusal(() => folder.read('plain.gz'), 'data-corrupt');
  });

  it('refuses files and folders that are not there', async () => {
    const path = await folderWith({ a: content });
    await expectRefusal(() => openFolder(`${path}/none`), 'data-missing');
    await expectRefusal(() => openFolder(`${path}/a`), 'data-missing');
    const folder = await openFolder(path);
    await expectRefusal(() => folder.read('b'), 'data-missing');
  });
});
