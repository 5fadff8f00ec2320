// The folders of runs, studies and tables below the folders that are watched. Links are followed as far as they stay inside.
import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { runFiles } from '../runs/run-store.js';
import { insidePath, type Roots, readInside } from './inside.js';

export interface FoundFolder {
  /** Below the folder that is watched, with slashes; of that folder itself its own name. */
  readonly name: string;
  /** The real path. */
  readonly path: string;
  /** Of its `config.json`. */
  readonly config: { readonly kind: Kind } & Readonly<Record<string, unknown>>;
}
type Kind = 'search' | 'train' | 'study' | 'table';

const ownSchema = z.looseObject({ kind: z.enum(['search', 'train', 'study', 'table']) });

/** Runs lie a few folders deep, those of a study four below it. */
const mostDepth = 8;
/** Nobody keeps runs there, and there may be many. */
const passedOver = new Set(['node_modules', runFiles.checkpoints]);

/** @param roots real paths. @returns each folder once, in the order of their names. */
export async function findRuns(roots: Roots): Promise<FoundFolder[]> {
  const found: FoundFolder[] = [];
  const visited = new Set<string>();
  const walk = async (path: string, name: string, depth: number): Promise<void> => {
    if (visited.has(path)) return;
    visited.add(path);
    const config = await configIn(roots, path);
    if (config !== undefined) found.push({ name: name || basename(path), path, config });
    // Below a study lie its runs, below others nothing.
    if (depth === mostDepth || (config !== undefined && config.kind !== 'study')) return;
    for (const entry of await entriesOf(path)) {
      if (entry.name.startsWith('.') || passedOver.has(entry.name)) continue;
      if (!entry.isDirectory() && !entry.isSymbolicLink()) continue;
      const real = await insidePath(roots, join(path, entry.name));
      if (real !== undefined) await walk(real, name === '' ? entry.name : `${name}/${entry.name}`, depth + 1);
    }
  };
  for (const root of roots) await walk(root, '', 0);
  return found;
}

async function configIn(roots: Roots, path: string): Promise<FoundFolder['config'] | undefined> {
  const bytes = await readInside(roots, join(path, runFiles.config));
  if (bytes === undefined) return undefined;
  try {
    return ownSchema.safeParse(JSON.parse(bytes.toString('utf8'))).data;
  } catch {
    return undefined;
  }
}

async function entriesOf(path: string): Promise<Dirent[]> {
  try {
    const entries = await readdir(path, { withFileTypes: true });
    return entries.sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
  } catch {
    // A file, or a folder that may not be read.
    return [];
  }
}
