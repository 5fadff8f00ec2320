// What the pages are built into: small, whole, and nothing that their policies would refuse.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../../datasets/package-root.js';

/** The files of a page, by their paths in its folder. */
function filesOf(page: string): Map<string, Buffer> {
  const folder = join(packageRoot(), 'dist', 'pages', page);
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return new Map(paths.map(({ parentPath, name }) => [name, readFileSync(join(parentPath, name))]));
}

describe('the page of runs', () => {
  const files = filesOf('live');

  it('is at most 120 kB, compressed', () => {
    const sizes = [...files.values()].map((content) => gzipSync(content).length);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(120_000);
  });

  it('has no scripts and no styles inside of its HTML, and loads nothing from elsewhere', () => {
    const html = files.get('index.html')?.toString() ?? '';
    expect(html).toMatch(/<script [^>]*src="\.\/assets\//);
    expect(html).not.toMatch(/<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=|https?:/);
  });
});
