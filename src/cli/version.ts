// This package's version, from its own package.json.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

/** The nearest folder above this module that holds a package.json. */
function packageFile(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return join(folder, 'package.json');
}

export const version = z
  .object({ version: z.string() })
  .parse(JSON.parse(readFileSync(packageFile(), 'utf8'))).version;
