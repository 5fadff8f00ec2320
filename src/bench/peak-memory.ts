// The most memory that a process has held. Linux keeps it for every process, as VmHWM; what `resourceUsage` calls the
// largest resident set begins there with that of the process that started it, which may have been larger.
import { readFile } from 'node:fs/promises';

/** Text of `/proc/ID/status`; null where there is none. */
export type ReadStatus = (id: number) => Promise<string | null>;

export const readStatus: ReadStatus = (id) => readFile(`/proc/${id}/status`, 'utf8').catch(() => null);

/** Bytes; null where the text does not say. */
export function peakIn(status: string | null): number | null {
  const found = /^VmHWM:\s+(\d+) kB$/m.exec(status ?? '');
  return found === null ? null : 1024 * Number(found[1]);
}

/** Of a process on Linux; elsewhere null. */
export async function peakMemoryOf(id: number, read: ReadStatus = readStatus): Promise<number | null> {
  return peakIn(await read(id));
}
