// The sources of the package, for tests that read them.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './imports.js';

export interface SourceFile {
  /** From the root, `src/errors.ts`. */
  readonly file: string;
  readonly source: string;
}

const rooms = ['src', 'graphs', 'exporters', 'datasets'];

/** All that is written in TypeScript or JavaScript. */
export function readSources(): SourceFile[] {
  return rooms
    .flatMap((room) =>
      readdirSync(join(root, room), { recursive: true, encoding: 'utf8' }).map((name) => `${room}/${name}`),
    )
    .filter((file) => /\.(ts|js)$/.test(file))
    .map((file) => ({ file, source: readFileSync(join(root, file), 'utf8') }));
}
