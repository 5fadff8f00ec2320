// A web server on this machine for this machine: answers with the given files and nothing else, as any static host would.
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

/** What a file has in it: text, bytes, or what a file on disk has, which is read anew for each request. */
export type ServedContent = string | Uint8Array | { readonly file: string };

/** By the path behind the slash, `model.onnx`; looked up for each request, so that files may be added meanwhile. */
export type ServedFiles = Pick<ReadonlyMap<string, ServedContent>, 'get'>;

export interface StaticServer {
  /** With a slash at its end. */
  readonly url: string;
  /** Ends at once, with the connections that are open. */
  close(): Promise<void>;
}

/** With these a page may share memory between threads, and its clock is finer. */
export const isolationHeaders = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
} as const;

const mediaTypes: Readonly<Record<string, string>> = {
  css: 'text/css; charset=utf-8',
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  json: 'application/json',
  mjs: 'text/javascript; charset=utf-8',
  ts: 'text/plain; charset=utf-8',
  wasm: 'application/wasm',
};

/** Serves `files` below `/` at a port that is free, with `headers` on every answer. */
export async function serveFiles(
  files: ServedFiles,
  headers: Readonly<Record<string, string>> = {},
): Promise<StaticServer> {
  const server = createServer((request, response) => {
    // A file that cannot be read ends the connection; the page then says what it could not fetch.
    answer(request, response, files, headers).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('expected a TCP port');
  return {
    url: `http://127.0.0.1:${address.port}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  files: ServedFiles,
  headers: Readonly<Record<string, string>>,
): Promise<void> {
  const pathname = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname);
  const path = `${pathname}${pathname.endsWith('/') ? 'index.html' : ''}`.slice(1);
  const content = files.get(path);
  if (content === undefined) {
    response.writeHead(404, { ...headers, 'content-type': 'text/plain' }).end('not found');
    return;
  }
  const type = mediaTypes[path.slice(path.lastIndexOf('.') + 1)] ?? 'application/octet-stream';
  const typed = { ...headers, 'content-type': type };
  if (typeof content === 'string' || content instanceof Uint8Array) {
    response.writeHead(200, typed).end(content);
    return;
  }
  const { size } = await stat(content.file);
  response.writeHead(200, { ...typed, 'content-length': size });
  createReadStream(content.file)
    .on('error', () => response.destroy())
    .pipe(response);
}
