// A page of the runs in some folders, served while they go on: what the command does, and what `search` and its like do beside.
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
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
  /** The address of a queue's server, which is watched, too. */
  readonly queue?: string | undefined;
}

/**
 * @throws GenonnxError `file-missing` for a folder that is not there, `usage` for a port, a host or a queue that cannot be had,
 * `queue` where no server answers.
 */
export async function live(
  folders: readonly string[],
  { queue, ...place }: LivePlace = {},
): Promise<LiveServer> {
  const pageFolder = join(packageRoot(), 'dist', 'pages', 'live');
  const common = { folders, pageFolder, version, report, ...place };
  if (queue === undefined) return serveLive(common);
  // Loaded by whoever has a queue.
  const { openQueueReader } = await import('../queue/queue-state.js');
  const reader = await openQueueReader(queue);
  try {
    const server = await serveLive({ ...common, readQueues: () => reader.read(mostJobs) });
    return {
      url: server.url,
      close: async () => {
        await server.close();
        // A server that is gone does not answer goodbyes.
        await Promise.race([reader.close(), wait(goodbyeMs, undefined, { ref: false })]);
      },
    };
  } catch (error) {
    await reader.close();
    throw error;
  }
}

const goodbyeMs = 1_000;

/** Of each state: what a page shows. */
const mostJobs = 100;
