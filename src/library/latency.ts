// The budget of a search in milliseconds, from a latency table's file.
import { readFile } from 'node:fs/promises';
import { parseLatencyTable } from '../bench/cells/latency-table.js';
import { checksumOf, foreignDevice, latencySettings } from '../bench/cells/search-costs.js';
import { collectDevice, thisSystem } from '../bench/machine.js';
import { asUnreadable } from '../runs/file-errors.js';
import { DARTS_SPACE } from '../spaces/convolutional.js';
import type { Latency } from '../tasks/classification/latency-budget.js';
import type { Note } from './session.js';

/**
 * What a search takes as `budget.latency`, from a table that `benchCells()` has made; one of another device is a note.
 * @throws GenonnxError `file-missing`, `file-corrupt`; `usage` where the table lacks an operation of the search.
 */
export async function readLatency(path: string, onNote: Note = () => {}): Promise<Latency> {
  const file = await readTable(path);
  const table = parseLatencyTable(file.toString('utf8'), path);
  // The latencies are a processor's, so that nothing need be asked of GPUs.
  const device = await collectDevice({ ...thisSystem(), run: async () => null });
  const foreign = foreignDevice(table, device);
  if (foreign !== undefined) onNote(`warning: ${foreign}: the budget holds there`);
  return latencySettings(table, checksumOf(file), DARTS_SPACE);
}

/** By which a run knows its table. @throws GenonnxError `file-missing`. */
export async function latencyChecksum(path: string): Promise<string> {
  return checksumOf(await readTable(path));
}

function readTable(path: string): Promise<Buffer> {
  return readFile(path).catch((error: unknown) => {
    throw asUnreadable(error, path, 'a latency table');
  });
}
