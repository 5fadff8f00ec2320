// What a store says over HTTP. Files are sent by their SHA-256, in pieces: what has arrived stays, a name decides nothing about
// where bytes go, and a file that the store has is not sent again.
//
//   GET   /store                       { id }
//   GET   /runs/ID                     the manifest of a published run, or 404
//   GET   /runs/ID/NAME                a file of it
//   POST  /runs/ID                     publishes { files }, all of which were sent
//   GET   /unfinished/ID               { attempts, checkpoint, files }
//   GET   /unfinished/ID/NAME          a file of it
//   POST  /unfinished/ID               keeps { files } as what others go on from
//   POST  /unfinished/ID/attempts      notes an attempt
//   GET   /files/SHA256                { bytes, isWhole }: how much has arrived
//   PATCH /files/SHA256?from=N         the next piece, from byte N on
//
// Every request has `Authorization: Bearer TOKEN`.
import { z } from 'zod';
import { attemptSchema, publishedSchema, relativePath } from './manifest.js';

export const sha256Text = z.string().regex(/^[0-9a-f]{64}$/);

/** The files of a run, by their names. */
export const filesSchema = z.object({ files: z.record(relativePath, sha256Text) });
export type Files = z.infer<typeof filesSchema>['files'];

export const storeAnswer = z.object({ id: z.string() });
export const begunAnswer = z.object({
  attempts: z.array(attemptSchema),
  checkpoint: z.string().nullable(),
  files: z.record(relativePath, sha256Text),
});
export const arrivedAnswer = z.object({ bytes: z.int().min(0), isWhole: z.boolean() });
export const publishedAnswer = z.object({
  published: publishedSchema,
  differing: z.array(z.string()).optional(),
});

/** Of a file that is sent. */
export const pieceBytes = 8 << 20;

export interface StoreLimits {
  readonly fileBytes: number;
  readonly filesOfARun: number;
  /** Of a description in JSON. */
  readonly textBytes: number;
}

export const storeLimits: StoreLimits = { fileBytes: 8 * 2 ** 30, filesOfARun: 2000, textBytes: 1 << 20 };
