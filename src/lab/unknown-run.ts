// The error for a run whose configuration fits neither a search nor a training of this version.
import type { z } from 'zod';
import { GenonnxError } from '../errors.js';
import type { NamedFiles } from '../runs/named-files.js';
import { runFiles } from '../runs/run-store.js';

export function unknownRun(files: NamedFiles, error: z.ZodError): GenonnxError {
  return new GenonnxError('resume-mismatch', 'This is no run of an image classifier of this version.', {
    where: files.where(runFiles.config),
    found: error.issues[0]?.message ?? 'something else',
    cure: 'Go on with it by the version that it was made with.',
  });
}
