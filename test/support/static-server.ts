// A web server for exported files.
import type { ExportFile } from '../../exporters/export-file.js';
import { type StaticServer, serveFiles } from '../../src/bench/web/static-server.js';

export type { StaticServer };

/** Serves `files` below `/`, with `headers` on every answer. */
export function serve(
  files: readonly ExportFile[],
  headers: Readonly<Record<string, string>> = {},
): Promise<StaticServer> {
  return serveFiles(new Map(files.map(({ path, content }) => [path, bytesOf(content)])), headers);
}

/** The content of a file in one piece. */
export function bytesOf(content: ExportFile['content']): Uint8Array {
  if (typeof content === 'string') return Buffer.from(content);
  return content instanceof Uint8Array ? content : Buffer.concat([...content]);
}
