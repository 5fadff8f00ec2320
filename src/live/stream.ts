// One connection's event stream: everything at first, then what is new, as fast as it is read. The id of an event says how far
// each journal was sent, so that a page which connects again is sent the rest and nothing twice.
import type { ServerResponse } from 'node:http';
import type { LiveEventName, LiveEvents, QueuesInfo, RunInfo, StudyInfo, TableInfo } from './messages.js';
import { type Offsets, printOffsets } from './offsets.js';
import type { LiveRuns } from './runs.js';

/** A line that says nothing, so that whoever is between keeps the connection. */
const heartbeatMs = 15_000;

/** When a browser may try again. */
const retryMs = 1_000;

interface Sent {
  readonly generation: number;
  readonly bytes: number;
}

/** Sends until the other side hangs up. `folders` are named to the page. */
export function stream(
  response: ServerResponse,
  runs: LiveRuns,
  known: Offsets,
  greeting: { readonly version: string; readonly folders: readonly string[] },
): void {
  const infos = new Map<string, RunInfo>();
  const studies = new Map<string, StudyInfo>();
  const tables = new Map<string, TableInfo>();
  const sent = new Map<string, Sent>();
  let queues: QueuesInfo | undefined;
  let isOpen = true;
  let isGreeted = false;
  let hasMore = false;

  const write = async <Name extends LiveEventName>(
    name: Name,
    data: LiveEvents[Name],
    id?: string,
  ): Promise<void> => {
    const lines = [
      `event: ${name}`,
      ...(id === undefined ? [] : [`id: ${id}`]),
      `data: ${JSON.stringify(data)}`,
    ];
    if (!response.write(`${lines.join('\n')}\n\n`)) await drained(response);
  };

  const sendAll = async (): Promise<void> => {
    for (const [id, { info, journal }] of runs.runs) {
      infos.set(id, info);
      sent.set(id, { generation: journal.generation, bytes: known.get(id) ?? 0 });
    }
    for (const [id, info] of runs.studies) studies.set(id, info);
    for (const [id, info] of runs.tables) tables.set(id, info);
    await write('all', {
      ...greeting,
      runs: [...infos.values()],
      studies: [...studies.values()],
      tables: [...tables.values()],
      now: Date.now(),
    });
  };

  const sendChanges = async (): Promise<void> => {
    for (const [id, { info }] of runs.runs) {
      if (infos.get(id) === info) continue;
      infos.set(id, info);
      await write('run', info);
    }
    for (const [id, info] of runs.studies) {
      if (studies.get(id) === info) continue;
      studies.set(id, info);
      await write('study', info);
    }
    for (const [id, info] of runs.tables) {
      if (tables.get(id) === info) continue;
      tables.set(id, info);
      await write('table', info);
    }
    if (runs.queues !== undefined && runs.queues !== queues) {
      queues = runs.queues;
      await write('queues', queues);
    }
    for (const id of [...infos.keys(), ...studies.keys(), ...tables.keys()]) {
      if (runs.folderOf(id) !== undefined) continue;
      infos.delete(id);
      studies.delete(id);
      tables.delete(id);
      sent.delete(id);
      await write('gone', { id });
    }
  };

  const sendLines = async (): Promise<void> => {
    for (const [id, { journal }] of runs.runs) {
      for (;;) {
        const { generation } = journal;
        const before = sent.get(id);
        // Nothing ends before the first byte: all from the beginning.
        const from = before === undefined ? 0 : before.generation === generation ? before.bytes : -1;
        const lines = journal.after(id, from);
        if (lines === undefined || !isOpen) break;
        sent.set(id, { generation, bytes: lines.to });
        const offsets = new Map([...sent].map(([run, { bytes }]) => [run, bytes]));
        await write('lines', lines, printOffsets(offsets));
      }
    }
  };

  /** Sends what is new; one that is at it already is told to look again. */
  let flushing: Promise<void> | undefined;
  const flush = (): Promise<void> => {
    hasMore = true;
    flushing ??= sendNew().finally(() => {
      flushing = undefined;
    });
    return flushing;
  };
  const sendNew = async (): Promise<void> => {
    if (!isGreeted) await sendAll();
    isGreeted = true;
    while (hasMore && isOpen) {
      hasMore = false;
      await sendChanges();
      await sendLines();
    }
  };

  const unsubscribe = runs.subscribe(flush);
  const heartbeat = setInterval(() => response.write(': \n\n'), heartbeatMs);
  response.on('close', () => {
    isOpen = false;
    unsubscribe();
    clearInterval(heartbeat);
  });
  response.write(`retry: ${retryMs}\n\n`);
  void flush();
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off('drain', done);
      response.off('close', done);
      resolve();
    };
    response.on('drain', done);
    response.on('close', done);
    if (response.destroyed) done();
  });
}
