// Where a queue is: the address of a Redis or of a PostgreSQL server. It may hold a password, which nobody prints: messages,
// journals and files have `shown`.
import { GenonnxError } from '../errors.js';

export interface QueueAddress {
  readonly kind: 'redis' | 'postgres';
  /** With its password. */
  readonly url: string;
  /** Without. */
  readonly shown: string;
}

const kinds: ReadonlyMap<string, QueueAddress['kind']> = new Map([
  ['redis:', 'redis'],
  ['rediss:', 'redis'],
  ['postgres:', 'postgres'],
  ['postgresql:', 'postgres'],
]);

/** @throws GenonnxError `usage`, which does not repeat what was given: there may be a password in it. */
export function parseQueueAddress(text: string): QueueAddress {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const kind = url && kinds.get(url.protocol);
  if (url !== undefined && kind !== undefined && url.hostname !== '')
    return { kind, url: text, shown: withoutSecrets(url) };
  throw new GenonnxError('usage', 'This is not the address of a queue.', {
    where: '`queue`',
    expected: 'redis://HOST:PORT, rediss://HOST:PORT or postgres://USER@HOST:PORT/DATABASE',
    found: url === undefined ? 'something that is no address' : `an address that begins with ${url.protocol}`,
    cure: 'Name the server that all machines reach; characters such as @ in a password are written as %40.',
  });
}

/** Passwords, and parameters that may hold some, are left out. */
export function withoutSecrets(address: URL): string {
  const url = new URL(address);
  if (url.password !== '') url.password = '***';
  url.search = '';
  url.hash = '';
  return url.href;
}
