// The server of a page of runs. It reads the folders that it is given and changes nothing.
import { randomBytes } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { hostname, networkInterfaces } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { GenonnxError } from '../errors.js';
import { asUnreadable, systemCode } from '../runs/file-errors.js';
import { type Access, judge, loopbackHosts } from './access.js';
import { type AnswerParts, Answers, send } from './answers.js';
import type { QueuesInfo } from './messages.js';
import { readPageFiles } from './page-files.js';
import { LiveRuns } from './runs.js';

export interface LiveOptions extends Pick<AnswerParts, 'report'> {
  readonly folders: readonly string[];
  /** Whether folders may come to be while the page is served already. */
  readonly isComing?: boolean | undefined;
  /** Reads what a queue is doing, where one is watched, too. */
  readonly readQueues?: (() => Promise<QueuesInfo['queues']>) | undefined;
  /** Of the built page. */
  readonly pageFolder: string;
  readonly version: string;
  /** A name or an address of this machine at which others may look; whoever does needs the token. Default: this machine alone. */
  readonly host?: string | undefined;
  /** Default: `usualPort`, or one that is free where somebody has it already. */
  readonly port?: number | undefined;
}

export interface LiveServer {
  /** With the token, where there is one. */
  readonly url: string;
  /** Tells everybody who listens what is new, and ends, with the connections that are open. */
  close(): Promise<void>;
}

/** For whoever reads too slowly. */
const farewellMs = 1_000;

/** The same each time, so that a page that is open finds the server again. */
export const usualPort = 8642;

/** @throws GenonnxError `file-missing` for a folder that is not there, `usage` for a port or a host that cannot be had. */
export async function serveLive(options: LiveOptions): Promise<LiveServer> {
  const { folders, pageFolder, version, host, port, report } = options;
  if (options.isComing !== true) for (const folder of folders) await requireFolder(folder);
  const runs = new LiveRuns(folders, options.readQueues);
  const page = await readPageFiles(pageFolder);
  const answers = new Answers({ runs, page, report, greeting: { version, folders: [...folders] } });
  const server = createServer();
  const bound = await listen(server, host ?? '127.0.0.1', port);
  const access = accessOf(host, bound);
  server.on('request', (request, response) => {
    const { method = '', url = '/', headers } = request;
    const verdict = judge(access, {
      method,
      url,
      host: headers.host,
      origin: headers.origin,
      cookie: headers.cookie,
      site: one(headers['sec-fetch-site']),
      mode: one(headers['sec-fetch-mode']),
    });
    if (verdict.kind === 'refused')
      return send(response, verdict.status, 'text/plain; charset=utf-8', verdict.reason);
    if (verdict.kind === 'admitted')
      return send(response, 303, 'text/plain', '', { location: '/', 'set-cookie': verdict.cookie });
    answers.answer(request, response).catch(() => {
      // A file that went while it was read; the page tries again.
      if (response.headersSent) response.destroy();
      else send(response, 500, 'text/plain; charset=utf-8', 'This could not be read.');
    });
  });
  const { secret } = access;
  return {
    url: `http://${host === undefined ? 'localhost' : shownHost(host)}:${bound}/${secret === undefined ? '' : `?token=${secret.token}`}`,
    close: async () => {
      await Promise.race([runs.settle(), wait(farewellMs, undefined, { ref: false })]);
      await new Promise<void>((resolve) => {
        const impatience = setTimeout(() => server.closeAllConnections(), farewellMs);
        server.close(() => {
          clearTimeout(impatience);
          resolve();
        });
        answers.end();
        server.closeIdleConnections();
      });
    },
  };
}

async function requireFolder(folder: string): Promise<void> {
  try {
    if ((await stat(folder)).isDirectory()) return;
  } catch (error) {
    throw asUnreadable(error, folder, 'a folder of runs');
  }
  throw new GenonnxError('file-missing', 'This is no folder.', {
    where: folder,
    expected: 'a folder of runs',
    found: 'a file',
    cure: 'Name the folder that runs lie in.',
  });
}

async function listen(server: Server, host: string, asked: number | undefined): Promise<number> {
  try {
    return await listenAt(server, host, asked ?? usualPort);
  } catch (error) {
    if (asked === undefined && systemCode(error) === 'EADDRINUSE') return listenAt(server, host, 0);
    const known = systemCode(error);
    if (known === undefined) throw error;
    throw new GenonnxError(
      'usage',
      'The page cannot be served there.',
      {
        where: `${host}:${asked ?? usualPort}`,
        expected: 'an address of this machine, and a port that is free and allowed',
        found: known,
        cure: 'Choose another `port`, or another `host`.',
      },
      { cause: error },
    );
  }
}

function listenAt(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      const address = server.address();
      if (address === null || typeof address === 'string') reject(new Error('expected a TCP port'));
      else resolve(address.port);
    });
  });
}

function accessOf(host: string | undefined, port: number): Access {
  if (host === undefined) return { hosts: new Set(loopbackHosts) };
  const name = hostname().toLowerCase();
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  const hosts = [
    ...loopbackHosts,
    bracketed(host.toLowerCase()),
    name,
    `${name}.local`,
    ...addresses.map(({ address }) => bracketed(address.toLowerCase())),
  ];
  const [token, session] = [secret(), secret()];
  return { hosts: new Set(hosts), secret: { token, session, cookie: `genonnx-live-${port}` } };
}

const secret = (): string => randomBytes(18).toString('base64url');

function bracketed(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}

/** What others can type: of every address of this machine, its name. */
function shownHost(host: string): string {
  return host === '0.0.0.0' || host === '::' ? hostname() : bracketed(host);
}

function one(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}
