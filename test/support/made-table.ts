// The folder of a table that nobody trains.
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jsonText } from '../../src/runs/json.js';
import type { Row } from '../../src/table/rows.js';
import { declaration } from './one-table.js';

/** @returns adds a row to its journal. */
export function madeTable(
  folder: string,
  checksums: Readonly<Record<string, string>> = {},
): (row: Row) => void {
  mkdirSync(folder, { recursive: true });
  const config = { kind: 'table', declaration, data: { name: 'fashion-mnist', checksums }, tools: {} };
  writeFileSync(join(folder, 'config.json'), jsonText(config));
  writeFileSync(join(folder, 'journal.jsonl'), '');
  return (row) => appendFileSync(join(folder, 'journal.jsonl'), `${JSON.stringify(row)}\n`);
}
