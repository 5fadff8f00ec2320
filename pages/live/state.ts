// What a page knows of runs, built of the server's events. Columns grow in place, since journals are long; whatever changes counts
// a revision up, by which views see that they are to be drawn anew.
import type {
  LinesMessage,
  LiveEventName,
  LiveEvents,
  QueuesInfo,
  RunInfo,
  StudyInfo,
  TableInfo,
} from '../../src/live/messages.js';
import type { Offsets } from '../../src/live/offsets.js';

export interface KnownRun {
  readonly info: RunInfo;
  /** Of the journal, that are known. */
  readonly bytes: number;
  readonly epochs: number;
  readonly columns: ReadonlyMap<string, readonly (number | null)[]>;
  readonly last: LinesMessage['last'];
  /** Counts the times that the journal was begun anew. */
  readonly generation: number;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
interface OwnRun extends Mutable<Omit<KnownRun, 'columns'>> {
  columns: Map<string, (number | null)[]>;
}

/** `lost`: the server does not answer, and the page tries again. `refused`: it asks for a token that this page has not. */
export type Connection = 'connecting' | 'open' | 'lost' | 'refused';

/** An event with its name, so that the data fit. */
export type LiveEvent = {
  [N in LiveEventName]: { readonly name: N; readonly data: LiveEvents[N] };
}[LiveEventName];

export class PageState {
  #runs = new Map<string, OwnRun>();
  studies: ReadonlyMap<string, StudyInfo> = new Map();
  tables: ReadonlyMap<string, TableInfo> = new Map();
  queues: QueuesInfo | undefined;
  folders: readonly string[] = [];
  version = '';
  connection: Connection = 'connecting';
  /** Whether the server has said what there is. */
  isKnown = false;
  /** Milliseconds by which the server's clock is ahead. */
  aheadMs = 0;
  revision = 0;

  get runs(): ReadonlyMap<string, KnownRun> {
    return this.#runs;
  }

  /** How far each journal is known. */
  get offsets(): Offsets {
    return new Map([...this.#runs].map(([id, { bytes }]) => [id, bytes]));
  }

  /** @returns the run whose lines do not follow on what is known of it, where there is one. */
  apply({ name, data }: LiveEvent): string | undefined {
    this.revision += 1;
    switch (name) {
      case 'all': {
        this.isKnown = true;
        this.version = data.version;
        this.folders = data.folders;
        this.aheadMs = data.now - Date.now();
        const ids = new Set(data.runs.map(({ id }) => id));
        for (const id of [...this.#runs.keys()]) if (!ids.has(id)) this.#runs.delete(id);
        for (const info of data.runs) this.#setInfo(info);
        this.queues = data.queues;
        this.studies = new Map(data.studies.map((study) => [study.id, study]));
        this.tables = new Map(data.tables.map((table) => [table.id, table]));
        return undefined;
      }
      case 'run':
        this.#setInfo(data);
        return undefined;
      case 'study':
        this.studies = new Map([...this.studies, [data.id, data]]);
        return undefined;
      case 'table':
        this.tables = new Map([...this.tables, [data.id, data]]);
        return undefined;
      case 'queues':
        this.queues = data;
        return undefined;
      case 'gone':
        this.#runs.delete(data.id);
        this.studies = new Map([...this.studies].filter(([id]) => id !== data.id));
        this.tables = new Map([...this.tables].filter(([id]) => id !== data.id));
        return undefined;
      case 'lines':
        return this.#addLines(data);
    }
  }

  /** Events from which another page comes to know what this one knows. */
  *events(): Generator<LiveEvent> {
    yield {
      name: 'all',
      data: {
        version: this.version,
        folders: this.folders,
        runs: [...this.#runs.values()].map(({ info }) => info),
        studies: [...this.studies.values()],
        tables: [...this.tables.values()],
        ...(this.queues === undefined ? {} : { queues: this.queues }),
        now: Date.now() + this.aheadMs,
      },
    };
    for (const id of this.#runs.keys()) yield* this.eventsOf(id);
  }

  *eventsOf(id: string): Generator<LiveEvent> {
    const run = this.#runs.get(id);
    if (run === undefined || run.epochs === 0) return;
    const { bytes, columns, last } = run;
    yield {
      name: 'lines',
      data: { run: id, from: 0, to: bytes, columns: Object.fromEntries(columns), last },
    };
  }

  #setInfo(info: RunInfo): void {
    const known = this.#runs.get(info.id);
    if (known !== undefined) known.info = info;
    else
      this.#runs.set(info.id, {
        info,
        bytes: 0,
        epochs: 0,
        columns: new Map(),
        last: { warnings: [] },
        generation: 0,
      });
  }

  #addLines({ run: id, from, to, columns, last }: LinesMessage): string | undefined {
    const run = this.#runs.get(id);
    if (run === undefined) return undefined;
    if (from === 0) {
      if (run.epochs > 0) run.generation += 1;
      run.columns = new Map();
      run.epochs = 0;
    } else if (from !== run.bytes) {
      // Lines that are known already come again after a change of tabs.
      return to <= run.bytes ? undefined : id;
    }
    const added = Math.max(0, ...Object.values(columns).map((values) => values.length));
    for (const [name, values] of Object.entries(columns)) {
      const own = run.columns.get(name) ?? nulls(run.epochs);
      for (const value of values) own.push(value);
      run.columns.set(name, own);
    }
    run.epochs += added;
    for (const own of run.columns.values()) while (own.length < run.epochs) own.push(null);
    run.bytes = to;
    run.last = last;
    return undefined;
  }
}

function nulls(count: number): (number | null)[] {
  return Array.from({ length: count }, () => null);
}
