// Whatever lies in the folders that are watched, links of all kinds included: nothing outside of them is found or read.
import { lstatSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findRuns } from '../../../src/live/find-runs.js';
import { insidePath, isInside, readInside } from '../../../src/live/inside.js';
import { leadsOut, runFilesIn } from '../../../src/live/run-files.js';

const config = JSON.stringify({ kind: 'search', settings: {} });
const secret = 'nobody may read this';

let base = '';
let outside = '';
beforeAll(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), 'genonnx-live-')));
  outside = join(base, 'outside');
  mkdirSync(join(outside, 'run'), { recursive: true });
  writeFileSync(join(outside, 'secret'), secret);
  writeFileSync(join(outside, 'run', 'config.json'), config);
  writeFileSync(join(outside, 'run', 'journal.jsonl'), secret);
});
afterAll(() => rmSync(base, { recursive: true }));

const name = fc.constantFrom('a', 'b', 'c', 'config.json', 'journal.jsonl', 'checkpoints');
const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));
const target = fc.oneof(
  path,
  path.map((to) => `../${to}`),
  fc.constantFrom(
    '..',
    '../..',
    '.',
    '/',
    '../outside',
    '../../outside/run',
    '../outside/secret',
    '../outside/run',
  ),
  fc.constantFrom(
    'ABSOLUTE/run',
    'ABSOLUTE/secret',
    'ABSOLUTE/run/config.json',
    'ABSOLUTE/run/journal.jsonl',
  ),
);
const thing = fc.oneof(
  fc.record({ kind: fc.constant('run' as const), path }),
  fc.record({ kind: fc.constant('file' as const), path }),
  fc.record({ kind: fc.constant('link' as const), path, target }),
);

type Thing = typeof thing extends fc.Arbitrary<infer T> ? T : never;

let count = 0;

/** Whether something on the way is a link: what is written there would lie anywhere, in the root of the machine for example. */
function leadsThroughLink(root: string, to: string): boolean {
  const parts = to.split('/');
  return parts.some((_, index) =>
    lstatSync(join(root, ...parts.slice(0, index + 1)), { throwIfNoEntry: false })?.isSymbolicLink(),
  );
}

/** A folder with these things, as far as they fit beside each other. */
function made(things: readonly Thing[]): string {
  const root = join(base, `watched-${count++}`);
  mkdirSync(root);
  for (const one of things) {
    const at = join(root, one.path);
    try {
      if (leadsThroughLink(root, one.path)) continue;
      mkdirSync(one.kind === 'run' ? at : dirname(at), { recursive: true });
      if (one.kind === 'run') writeFileSync(join(at, 'config.json'), config, { flag: 'wx' });
      else if (one.kind === 'file') writeFileSync(at, 'own', { flag: 'wx' });
      else symlinkSync(one.target.replace('ABSOLUTE', outside), at);
    } catch {
      // Something else lies there.
    }
  }
  return root;
}

describe('folders with links', () => {
  it('show nothing that lies outside', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(thing, { maxLength: 14 }), async (things) => {
        const before = realpathSync(outside);
        const root = made(things);
        const roots = [root];
        for (const { path: found } of await findRuns(roots)) {
          expect(isInside(roots, realpathSync(found))).toBe(true);
          for (const file of await runFilesIn(roots, found)) {
            expect(isInside(roots, realpathSync(file.path))).toBe(true);
            expect((await readInside(roots, file.path))?.toString() ?? '').not.toContain(secret);
          }
          const journal = await readInside(roots, join(found, 'journal.jsonl'));
          expect(journal?.toString() ?? '').not.toContain(secret);
        }
        expect(realpathSync(outside)).toBe(before);
        rmSync(root, { recursive: true });
      }),
      { numRuns: 60 },
    );
  });

  it('are searched however deep, around in circles and past what cannot be read', async () => {
    const root = made([
      { kind: 'run', path: 'a/b/c' },
      { kind: 'link', path: 'a/round', target: '..' },
      { kind: 'run', path: 'b' },
    ]);
    expect((await findRuns([root])).map((one) => one.name)).toEqual(['a/b/c', 'b']);
  });

  it('know a run whose file leads out', async () => {
    const root = made([
      { kind: 'run', path: 'a' },
      { kind: 'link', path: 'a/journal.jsonl', target: 'ABSOLUTE/secret' },
    ]);
    expect(await readInside([root], join(root, 'a', 'journal.jsonl'))).toBeUndefined();
    expect(await leadsOut([root], join(root, 'a'))).toBe(true);
    expect(await insidePath([root], join(root, '..'))).toBeUndefined();
    // A name that merely begins alike is another folder.
    expect(isInside(['/runs'], '/runs-of-others/a')).toBe(false);
  });
});
