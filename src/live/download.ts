// A run folder as a zip file, piece by piece as it is read: `genonnx search --resume` goes on with what comes out of it.
import type { FileHandle } from 'node:fs/promises';
import { makeZip } from 'client-zip';
import { openInside, type Roots } from './inside.js';
import type { RunFile } from './run-files.js';

/** @param folder the name of the folder in the zip file. */
export async function zipOf(
  roots: Roots,
  folder: string,
  files: readonly RunFile[],
): Promise<ReadableStream<Uint8Array>> {
  // All are opened before the first is read: a checkpoint that is replaced meanwhile stays readable.
  const opened: { readonly name: string; readonly file: FileHandle }[] = [];
  for (const { name, path } of files) {
    const file = await openInside(roots, path);
    if (file !== undefined) opened.push({ name, file });
  }
  return makeZip(entriesOf(folder, opened));
}

async function* entriesOf(
  folder: string,
  opened: readonly { readonly name: string; readonly file: FileHandle }[],
) {
  try {
    for (const { name, file } of opened) {
      const { mtime } = await file.stat();
      yield { name: `${folder}/${name}`, lastModified: mtime, input: piecesOf(file) };
    }
  } finally {
    for (const { file } of opened) await file.close().catch(() => {});
  }
}

const pieceBytes = 1 << 18;

async function* piecesOf(file: FileHandle) {
  for (let at = 0; ; ) {
    const { buffer, bytesRead } = await file.read(new Uint8Array(pieceBytes), 0, pieceBytes, at);
    if (bytesRead === 0) return;
    at += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}
