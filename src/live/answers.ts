// Requests to answers: the page, the event stream, and what the page asks for beside it. Everything is named by ids that the
// server has given out; no path comes from outside.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { GenonnxError } from '../errors.js';
import { zipOf } from './download.js';
import { CellDrawings } from './draw-cells.js';
import { epochDetails } from './epoch-details.js';
import type { FoundFolder } from './find-runs.js';
import { parseOffsets } from './offsets.js';
import type { PageFile } from './page-files.js';
import { leadsOut, runFilesIn } from './run-files.js';
import type { LiveRuns } from './runs.js';
import { stream } from './stream.js';

export interface AnswerParts {
  readonly runs: LiveRuns;
  readonly page: ReadonlyMap<string, PageFile>;
  readonly greeting: { readonly version: string; readonly folders: readonly string[] };
  /** The text of a report about run folders. */
  readonly report: (folders: readonly string[]) => Promise<string>;
}

/** Nothing inside of the page is a script or a style, and nothing is asked of anybody else. */
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const headers = {
  'content-security-policy': policy,
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
} as const;

const mostRunsOfReport = 8;

export class Answers {
  readonly #drawings = new CellDrawings();
  readonly #streams = new Set<ServerResponse>();

  constructor(readonly parts: AnswerParts) {}

  /** Answers a request that may be answered. */
  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // As it is written: it has to be one that was given out, and nothing is to be made of any other.
    const [pathname = '', query = ''] = (request.url ?? '/').split('?', 2);
    const searchParams = new URLSearchParams(query);
    const file = this.parts.page.get(pathname);
    if (file !== undefined) return send(response, 200, file.type, file.content);
    const [, id, what] = /^\/runs\/([0-9a-f]+)\/(epochs|zip)$/.exec(pathname) ?? [];
    if (id !== undefined) {
      const { runs } = this.parts;
      const [folder, run] = [runs.folderOf(id), runs.runs.get(id)];
      if (what === 'zip' && folder !== undefined) return this.#zip(folder, response);
      if (what !== 'epochs' || run === undefined) return notFound(response);
      return sendJson(response, await epochDetails(run.journal, wholeNumber(searchParams.get('from'))));
    }
    if (pathname === '/events') return this.#events(request, searchParams, response);
    if (pathname === '/report') return this.#report(searchParams.getAll('run'), response);
    if (pathname === '/cells') return this.#cells(searchParams.get('genotype') ?? '', response);
    notFound(response);
  }

  async #events(request: IncomingMessage, query: URLSearchParams, response: ServerResponse): Promise<void> {
    const { runs, greeting } = this.parts;
    const last = request.headers['last-event-id'] ?? query.get('after') ?? '';
    await runs.refresh();
    response.writeHead(200, { ...headers, 'content-type': 'text/event-stream; charset=utf-8' });
    if (request.method === 'HEAD') {
      response.end();
      return;
    }
    this.#streams.add(response);
    response.on('close', () => this.#streams.delete(response));
    stream(response, runs, parseOffsets(String(last)), greeting);
  }

  /** Ends the event streams, behind what was sent. */
  end(): void {
    for (const response of this.#streams) response.end();
  }

  async #report(ids: readonly string[], response: ServerResponse): Promise<void> {
    const { runs, report } = this.parts;
    const chosen = [...new Set(ids)].slice(0, mostRunsOfReport).flatMap((id) => runs.folderOf(id) ?? []);
    const paths = chosen.map(({ path }) => path);
    for (const path of paths) if (await leadsOut(runs.roots, path)) return notFound(response);
    if (paths.length === 0) return notFound(response);
    try {
      send(response, 200, 'text/html; charset=utf-8', await report(paths), saved('report.html'));
    } catch (error) {
      sendRefusal(response, error);
    }
  }

  async #cells(genotype: string, response: ServerResponse): Promise<void> {
    try {
      sendJson(response, await this.#drawings.of(genotype));
    } catch (error) {
      sendRefusal(response, error);
    }
  }

  async #zip(folder: FoundFolder, response: ServerResponse): Promise<void> {
    const { roots } = this.parts.runs;
    const name = fileName(folder.name);
    const zip = await zipOf(roots, name, await runFilesIn(roots, folder.path));
    response.writeHead(200, { ...headers, 'content-type': 'application/zip', ...saved(`${name}.zip`) });
    await pipeline(Readable.fromWeb(zip), response);
  }
}

/** A name that every system takes. */
function fileName(name: string): string {
  return name.replaceAll(/[^\w.-]+/g, '-').replace(/^[-.]+|-+$/g, '') || 'run';
}

function saved(name: string): Record<string, string> {
  return { 'content-disposition': `attachment; filename="${name}"` };
}

function wholeNumber(text: string | null): number {
  return /^\d{1,9}$/.test(text ?? '') ? Number(text) : 0;
}

function sendJson(response: ServerResponse, value: unknown): void {
  send(response, 200, 'application/json', JSON.stringify(value));
}

/** What cannot be made, in words; whatever else went wrong is thrown on. */
function sendRefusal(response: ServerResponse, error: unknown): void {
  if (!(error instanceof GenonnxError)) throw error;
  send(response, 400, 'text/plain; charset=utf-8', error.message);
}

function notFound(response: ServerResponse): void {
  send(response, 404, 'text/plain; charset=utf-8', 'There is nothing here.');
}

export function send(
  response: ServerResponse,
  status: number,
  type: string,
  content: string | Uint8Array,
  more: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { ...headers, 'content-type': type, ...more }).end(content);
}
