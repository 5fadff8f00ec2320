// A store by its name: a folder, or the address of a process that keeps one.
import { hostname } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { GenonnxError } from '../errors.js';
import { userCacheFolder } from '../user-cache.js';
import { FolderStore } from './folder-store.js';
import { HttpStore } from './http-store.js';
import type { Store } from './store.js';

/** Whether it is an address, and no folder. */
export function isAddress(place: string): boolean {
  return /^https?:\/\//i.test(place);
}

/** @throws GenonnxError `usage` for an address without a token. */
export function openStore(place: string, token = process.env.GENONNX_TOKEN): Store {
  if (!isAddress(place)) return new FolderStore(place);
  if (token === undefined || token === '')
    throw new GenonnxError('usage', 'A store that is reached over HTTP needs its token.', {
      where: new URL(place).host,
      expected: 'GENONNX_TOKEN in the environment',
      found: 'none',
      cure: 'Take it from the file that the study which keeps the store has named.',
    });
  const { origin, host } = new URL(place);
  const scratch = join(userCacheFolder(), 'runs', host.replace(/[^\w.-]/g, '_'));
  return new HttpStore({ address: origin, token, scratch, host: hostname() });
}
