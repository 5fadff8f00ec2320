// What a training does where its loss is no number any more: it goes back to its best state, with whatever the optimizer
// remembered there, and on with the next batch. A few times only, since a rate that is too high diverges each time.
import { GenonnxError } from '../errors.js';

/** How often it was done, and how often it may be. */
export interface Restorations {
  readonly done: number;
  /** 0 where it may not be at all. */
  readonly most: number;
}

/** The state to go back to, of those that `best` finds. @throws the error itself, or what says that it was done too often. */
export async function stateToRestore<Kept>(
  error: unknown,
  { done, most }: Restorations,
  best: () => Promise<Kept | undefined>,
): Promise<Kept> {
  if (!(error instanceof GenonnxError) || error.code !== 'diverged' || most === 0) throw error;
  if (done >= most) throw tooOften(error, done);
  const kept = await best();
  if (kept === undefined) throw error;
  return kept;
}

function tooOften(error: GenonnxError, done: number): GenonnxError {
  const { found = 'no number', ...details } = error.details;
  return new GenonnxError(
    'diverged',
    error.message,
    {
      ...details,
      found: `${found}; ${done === 1 ? 'once' : `${done} times`} before, the best state was restored`,
    },
    { cause: error },
  );
}
