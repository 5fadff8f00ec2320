// What is asked of whoever reads pictures, on this thread or another: everything about a file in one message each way.
import { readFile } from 'node:fs/promises';
import type { Picture } from '../../src/data/picture.js';
import { type PictureView, seen } from '../../src/data/pictures/views.js';
import { systemCode } from '../../src/runs/file-errors.js';
import { BrokenPicture, decodePicture } from './decode.js';
import { decodeMask } from './mask.js';

/** Answers by the kind of job. */
interface Answers {
  /** u8[3, size, size]. */
  readonly view: Uint8Array;
  /** The whole picture, u8[height, width, 3]. */
  readonly picture: Picture;
  /** Indices of classes, u8[height, width, 1]. */
  readonly mask: Picture;
}

export type JobKind = keyof Answers;

interface File {
  readonly path: string;
  /** As it was when the file was listed; any where nobody listed it. */
  readonly sizeBytes?: number;
}

export type Job = File &
  (
    | { readonly kind: 'view'; readonly view: PictureView }
    | { readonly kind: 'picture' }
    | { readonly kind: 'mask' }
  );

export type Answer<K extends JobKind = JobKind> = Answers[K];

/** What came of a job; a failure is data, since errors lose their classes between threads. */
export type Outcome =
  | { readonly answer: Answer }
  | { readonly failure: 'missing' | 'changed' | 'broken'; readonly found: string };

/** Never rejects for what is wrong with a file. */
export async function carryOut(job: Job): Promise<Outcome> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(job.path);
  } catch (error) {
    const found = systemCode(error) === 'ENOENT' ? 'no such file' : messageOf(error);
    return { failure: 'missing', found };
  }
  if (job.sizeBytes !== undefined && bytes.length !== job.sizeBytes)
    return { failure: 'changed', found: `${bytes.length} bytes` };
  try {
    return { answer: await answerTo(job, bytes) };
  } catch (error) {
    if (error instanceof BrokenPicture) return { failure: 'broken', found: error.message };
    throw error;
  }
}

async function answerTo(job: Job, bytes: Uint8Array): Promise<Answer> {
  if (job.kind === 'mask') return decodeMask(bytes);
  const picture = await decodePicture(bytes);
  // The decoder's memory is its own; a copy can be handed from thread to thread.
  return job.kind === 'picture' ? { ...picture, data: picture.data.slice() } : seen(picture, job.view);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
