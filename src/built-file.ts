// Programs that run in threads and processes of their own are files that were built. The sources themselves, which tests run,
// find them in dist/.
import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packageRoot } from '../datasets/package-root.js';

/** The path of the built file `name` beside the module at `url`. */
export function builtFile(url: string, name: string): string {
  const beside = fileURLToPath(new URL(name, url));
  return existsSync(beside) ? beside : join(packageRoot(), 'dist', relative(packageRoot(), beside));
}
