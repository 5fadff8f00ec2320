// A page of the runs in some folders, served while they go on: what the command does, and what `search` and its like do beside.
import { join } from 'node:path';
import { packageRoot } from '../../datasets/package-root.js';
import { type LiveServer, serveLive } from '../live/server.js';
import { version } from '../version.js';
import { report } from './report.js';

export type { LiveServer } from '../live/server.js';

export interface LivePlace {
  /** A name or an address of this machine at which others may look; whoever does needs the token. Default: this machine alone. */
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  /** Whether the folders may come to be while the page is served already. */
  readonly isComing?: boolean | undefined;
}

/** @throws GenonnxError `file-missing` for a folder that is not there, `usage` for a port or a host that cannot be had. */
export function live(folders: readonly string[], place: LivePlace = {}): Promise<LiveServer> {
  const pageFolder = join(packageRoot(), 'dist', 'pages', 'live');
  return serveLive({ folders, pageFolder, version, report, ...place });
}
