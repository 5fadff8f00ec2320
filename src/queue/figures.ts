// How far a run is: the numbers of the last line of its journal, for whoever watches a queue.
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { runFiles } from '../runs/run-store.js';

const tailBytes = 1 << 16;
const record = z.record(z.string(), z.unknown());

/** `{ epoch: 3, 'train.accuracy': 0.4 }`; nothing where there is no journal yet. */
export async function readFigures(folder: string): Promise<Record<string, number>> {
  const line = (await tailOf(join(folder, runFiles.journal))).split('\n').at(-2);
  const parsed = record.safeParse(jsonOf(line));
  if (!parsed.success) return {};
  return Object.fromEntries(
    Object.entries(parsed.data).flatMap(([name, value]) => {
      const members = record.safeParse(value);
      return members.success && !Array.isArray(value)
        ? numbers(members.data, `${name}.`)
        : numbers({ [name]: value }, '');
    }),
  );
}

function numbers(values: Readonly<Record<string, unknown>>, prefix: string): [string, number][] {
  return Object.entries(values).flatMap(([name, value]) =>
    typeof value === 'number' ? [[`${prefix}${name}`, value]] : [],
  );
}

async function tailOf(path: string): Promise<string> {
  try {
    const file = await open(path);
    try {
      const { size } = await file.stat();
      const from = Math.max(0, size - tailBytes);
      const { buffer, bytesRead } = await file.read(Buffer.alloc(size - from), 0, size - from, from);
      return buffer.toString('utf8', 0, bytesRead);
    } finally {
      await file.close();
    }
  } catch {
    return '';
  }
}

function jsonOf(line: string | undefined): unknown {
  try {
    return JSON.parse(line ?? '');
  } catch {
    return undefined;
  }
}
