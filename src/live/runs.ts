// Everything that is known of the runs in the folders that are watched, kept up to date while somebody looks.

import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256Hex } from '../hash.js';
import { runFiles } from '../runs/run-store.js';
import { type FoundFolder, findRuns } from './find-runs.js';
import { FollowedJournal } from './follow-journal.js';
import type { Roots } from './inside.js';
import type { QueuesInfo, RunInfo, StudyInfo, TableInfo } from './messages.js';
import { runInfo } from './run-info.js';
import { studyInfo } from './study-info.js';
import { LiveTables } from './tables.js';
import { WatchedQueues } from './watched-queues.js';

/** A run with its journal. */
export interface LiveRun {
  readonly folder: FoundFolder;
  readonly info: RunInfo;
  readonly journal: FollowedJournal;
}

/** How often journals are looked at, and how often folders, which takes longer. */
const journalsMs = 400;
const foldersMs = 2_000;
/** Looking through folders takes at most this share of the time. */
const foldersShare = 0.1;

/** Digits of an id: of some thousand folders, no two share them. */
const idDigits = 12;

export class LiveRuns {
  #runs = new Map<string, LiveRun>();
  #studies = new Map<string, StudyInfo>();
  #tables = new Map<string, TableInfo>();
  #folders = new Map<string, FoundFolder>();
  readonly #followed = new LiveTables();
  #roots: Roots = [];
  readonly #listeners = new Set<() => void | Promise<void>>();
  #timer: NodeJS.Timeout | undefined;
  #nextScanAt = 0;

  readonly #watched: WatchedQueues | undefined;
  #queues: QueuesInfo | undefined;

  /** @param folders they may come to be later on. @param readQueues where a queue is watched, too. */
  constructor(
    readonly folders: readonly string[],
    readQueues?: (() => Promise<QueuesInfo['queues']>) | undefined,
  ) {
    this.#watched = readQueues && new WatchedQueues(readQueues);
  }

  get queues(): QueuesInfo | undefined {
    return this.#queues;
  }

  /** The real paths of the folders that there are. */
  get roots(): Roots {
    return this.#roots;
  }

  get runs(): ReadonlyMap<string, LiveRun> {
    return this.#runs;
  }

  get studies(): ReadonlyMap<string, StudyInfo> {
    return this.#studies;
  }

  get tables(): ReadonlyMap<string, TableInfo> {
    return this.#tables;
  }

  /** The folder of a run, a study or a table, by the id that was given out for it. */
  folderOf(id: string): FoundFolder | undefined {
    return this.#folders.get(id);
  }

  /** Calls `listener` whenever something may have changed, until the function that is returned is called. */
  subscribe(listener: () => void | Promise<void>): () => void {
    this.#listeners.add(listener);
    this.#timer ??= setTimeout(() => this.#tick(), journalsMs);
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      clearTimeout(this.#timer);
      this.#timer = undefined;
    };
  }

  /** Looks at everything once. @returns whether anything has changed. */
  async refresh(): Promise<boolean> {
    const scanned = await this.#scan();
    const grown = await this.#look();
    return scanned || grown;
  }

  /** Looks at everything once more, and waits until everybody who listens has been told. */
  async settle(): Promise<void> {
    await this.refresh();
    await Promise.all([...this.#listeners].map((listener) => listener()));
  }

  async #tick(): Promise<void> {
    try {
      const scanned = performance.now() >= this.#nextScanAt && (await this.#scan());
      const grown = await this.#look();
      if (scanned || grown) for (const listener of this.#listeners) void listener();
    } finally {
      if (this.#listeners.size > 0) this.#timer = setTimeout(() => this.#tick(), journalsMs);
    }
  }

  async #scan(): Promise<boolean> {
    const startedAt = performance.now();
    const before = [this.#runs, this.#studies, this.#queues, this.#tables] as const;
    const queues = await this.#watched?.look();
    if (queues !== undefined) this.#queues = unchanged(this.#queues, queues);
    this.#roots = (await Promise.all(this.folders.map(realPath))).flat();
    const found = await findRuns(this.#roots);
    const runs = new Map<string, LiveRun>();
    const byPath = new Map<string, RunInfo>();
    for (const folder of found) {
      if (folder.config.kind === 'study' || folder.config.kind === 'table') continue;
      const id = idOf(folder.path);
      // A folder may go while it is looked at.
      const info = await runInfo(this.roots, id, folder).catch(() => undefined);
      if (info === undefined) continue;
      const known = this.#runs.get(id)?.journal;
      const journal = known ?? new FollowedJournal(this.roots, join(folder.path, runFiles.journal));
      runs.set(id, { folder, journal, info: unchanged(this.#runs.get(id)?.info, info) });
      byPath.set(folder.path, info);
    }
    const studies = new Map<string, StudyInfo>();
    for (const folder of found) {
      if (folder.config.kind !== 'study') continue;
      const id = idOf(folder.path);
      const info = await studyInfo(this.roots, id, folder, (path) => byPath.get(path));
      if (info !== undefined) studies.set(id, unchanged(this.#studies.get(id), info));
    }
    const tables = new Map<string, TableInfo>();
    for (const folder of found) {
      if (folder.config.kind !== 'table') continue;
      const id = idOf(folder.path);
      const info = await this.#followed.infoOf(this.roots, id, folder).catch(() => undefined);
      if (info !== undefined) tables.set(id, unchanged(this.#tables.get(id), info));
    }
    this.#followed.keep(new Set(tables.keys()));
    this.#runs = runs;
    this.#studies = studies;
    this.#tables = tables;
    this.#folders = new Map(
      found
        .map((folder) => [idOf(folder.path), folder] as const)
        .filter(([id]) => runs.has(id) || studies.has(id) || tables.has(id)),
    );
    const tookMs = performance.now() - startedAt;
    this.#nextScanAt = performance.now() + Math.max(foldersMs, tookMs / foldersShare);
    return (
      before[2] !== this.#queues ||
      !sameValues(before[0], runs, ({ info }) => info) ||
      !sameValues(before[1], studies, (info) => info) ||
      !sameValues(before[3], tables, (info) => info)
    );
  }

  async #look(): Promise<boolean> {
    let isNew = false;
    for (const { journal } of this.#runs.values()) if (await journal.look()) isNew = true;
    return isNew;
  }
}

async function realPath(folder: string): Promise<string[]> {
  try {
    return [await realpath(folder)];
  } catch {
    return [];
  }
}

/** By its place, so that a run has the same one after the server was started again. */
function idOf(path: string): string {
  return sha256Hex(path).slice(0, idDigits);
}

/** The value that was there, where the new one says the same: whoever has seen it has seen all. */
function unchanged<T>(before: T | undefined, now: T): T {
  return before !== undefined && JSON.stringify(before) === JSON.stringify(now) ? before : now;
}

function sameValues<T, V>(a: ReadonlyMap<string, T>, b: ReadonlyMap<string, T>, of: (one: T) => V): boolean {
  if (a.size !== b.size) return false;
  return [...b].every(([key, value]) => {
    const own = a.get(key);
    return own !== undefined && of(own) === of(value);
  });
}
