// Finds the package's own folder at run time, where the embedded data sets lie. The code runs from `datasets/` under a
// test runner and from `dist/datasets/` once built, so it walks up instead of counting folders.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { GenonnxError } from '../graphs/errors.js';

/** The nearest folder at or above `from` (by default this file's) that holds a package.json. Throws `data-missing`. */
export function packageRoot(from: string = dirname(fileURLToPath(import.meta.url))): string {
  for (let folder = from; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) return folder;
    if (dirname(folder) === folder) {
      throw new GenonnxError('data-missing', 'The folder of the embedded data sets was not found.', {
        where: from,
        expected: 'a folder at or above this one that holds package.json',
        cure: 'Install the package again, with its datasets/ folder beside dist/.',
      });
    }
  }
}

/** The folder of the embedded data set `name`; whether it is there is for the reader to find out. */
export function embeddedFolder(name: string): string {
  return join(packageRoot(), 'datasets', name);
}
