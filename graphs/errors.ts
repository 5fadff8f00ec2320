// The one error type of the project. It lives at the bottom of the dependency arrows so that every room can throw it;
// `src/errors.ts` re-exports it for the rooms above.

export const errorCodes = [
  'usage',
  'genotype-syntax',
  'genotype-kind',
  'unknown-primitive',
  'node-out-of-range',
  'data-missing',
  'data-corrupt',
  'unknown-word',
  'image-size',
  'channels',
  'weights-mismatch',
  'resume-mismatch',
  'output-exists',
  'output-unwritable',
  'run-locked',
  'lease-lost',
  'model-corrupt',
  'foreign-model',
  'file-missing',
  'file-corrupt',
  'shape',
  'graph',
  'engine',
  'queue',
  'store',
  'memory',
  'fallback',
  'diverged',
] as const;
export type ErrorCode = (typeof errorCodes)[number];

export interface ErrorDetails {
  readonly expected?: string;
  readonly found?: string;
  /** A path in the network, or file:line:column. */
  readonly where?: string;
  readonly cure?: string;
}

/** What every failure that a user can mend looks like: what was expected, what was found, where, and what to do. */
export class GenonnxError extends Error {
  override readonly name = 'GenonnxError';

  constructor(
    readonly code: ErrorCode,
    readonly summary: string,
    readonly details: ErrorDetails = {},
    options?: ErrorOptions,
  ) {
    super(describe(summary, details), options);
  }

  /** 3 when the machine lacks something, 2 when the input is wrong, 1 when the answer is no. */
  get exitCode(): number {
    if (this.code === 'fallback') return 1;
    return ['engine', 'queue', 'store'].includes(this.code) ? 3 : 2;
  }
}

function describe(summary: string, details: ErrorDetails): string {
  const lines = (['where', 'expected', 'found', 'cure'] as const).flatMap((name) => {
    const text = details[name];
    // Further lines of a text stand below its first.
    return text === undefined
      ? []
      : [`  ${`${name}:`.padEnd(10)}${text.replaceAll('\n', `\n${' '.repeat(12)}`)}`];
  });
  return [summary, ...lines].join('\n');
}
