// The tables in the folders that are watched: what each is of is worked out once, and its journal is followed.
import { join } from 'node:path';
import { runFiles } from '../runs/run-store.js';
import type { FoundFolder } from './find-runs.js';
import type { Roots } from './inside.js';
import type { TableInfo } from './messages.js';
import { tableInfo, tablePlan, type WatchedTable } from './table-info.js';
import { TableRows } from './table-rows.js';

interface Followed {
  /** Seeds may be added when a table goes on. */
  readonly config: string;
  readonly plan: WatchedTable | undefined;
  readonly rows: TableRows;
}

export class LiveTables {
  #followed = new Map<string, Followed>();

  /** What is known of a table now; undefined where this version does not know it. */
  async infoOf(roots: Roots, id: string, folder: FoundFolder): Promise<TableInfo | undefined> {
    const config = JSON.stringify(folder.config);
    const known = this.#followed.get(id);
    const followed =
      known?.config === config
        ? known
        : {
            config,
            plan: tablePlan(folder),
            rows: new TableRows(roots, join(folder.path, runFiles.journal)),
          };
    this.#followed.set(id, followed);
    if (followed.plan === undefined) return undefined;
    await followed.rows.look();
    return tableInfo(roots, id, folder, followed.plan, followed.rows);
  }

  /** Forgets all but these. */
  keep(ids: ReadonlySet<string>): void {
    for (const id of [...this.#followed.keys()]) if (!ids.has(id)) this.#followed.delete(id);
  }
}
