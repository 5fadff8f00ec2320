// A process of `worker.ts`: starts it, asks it, hears how it ended.
import process from 'node:process';
import { execaNode } from 'execa';
import { builtFile } from '../../built-file.js';
import { GenonnxError } from '../../errors.js';
import { type Answer, answerSchema, type Failed, type Question } from './messages.js';

export interface WorkerOptions {
  /** The compiled worker. */
  readonly worker?: string;
  /** Added to the environment of this process. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Ends the process at once. */
  readonly signal?: AbortSignal | undefined;
}

export interface WorkerProcess {
  /** @throws GenonnxError what the process threw, or `engine` where it ended before it answered. */
  ask<K extends Answer['kind']>(question: Question, kind: K): Promise<Extract<Answer, { kind: K }>>;
  /** Ends it at once. Harmless behind its end. */
  kill(): void;
}

/** `what` is what it is for, in errors: a model's file, a provider. */
export function startWorker(
  what: string,
  { worker = builtFile(import.meta.url, './worker.js'), environment = {}, signal }: WorkerOptions = {},
): WorkerProcess {
  const child = execaNode(worker, [], {
    ipc: true,
    // This process may have been started with options that are nothing to a measurement.
    nodeOptions: [],
    // Nothing but the model is to run there: the runtime would start a telemetry client with its first session.
    env: { ORT_DISABLE_TELEMETRY: '1', ...environment },
    stdin: 'ignore',
    stdout: 'ignore',
    // Native libraries print what they lack on their own.
    stderr: 'pipe',
    buffer: { ipc: false },
    reject: false,
  });
  let printed = '';
  child.stderr.on('data', (piece: Buffer) => {
    printed = (printed + piece.toString()).slice(-mostPrinted);
  });
  const ended = child.then(({ exitCode, signal }) => {
    const found = signal === undefined ? `exit code ${exitCode}` : `signal ${signal}`;
    throw new GenonnxError('engine', 'The process of a measurement ended before it answered.', {
      where: what,
      expected: 'an answer',
      found: [found, printed.trim().split('\n').at(-1)].filter(Boolean).join(': '),
      cure: 'Choose a smaller `batch` if memory has run out.',
    });
  });
  // Whoever waits for an answer hears of it; nobody may be waiting.
  ended.catch(() => undefined);
  const kill = (): void => {
    child.kill('SIGKILL');
  };
  // Where this process ends before its worker does.
  process.once('exit', kill);
  signal?.addEventListener('abort', kill);
  if (signal?.aborted === true) kill();
  ended.catch(() => {
    process.off('exit', kill);
    signal?.removeEventListener('abort', kill);
  });
  return {
    ask: async (question, kind) => {
      // Where the channel closes, how the process ended says more.
      const answer = child.getOneMessage().catch(() => ended);
      answer.catch(() => undefined);
      await child.sendMessage(question).catch(() => ended);
      const reply = answerSchema.parse(await answer);
      if (isKind(reply, kind)) return reply;
      kill();
      throw reply.kind === 'failed' ? failed(reply, printed) : new Error(`${reply.kind} instead of ${kind}`);
    },
    kill,
  };
}

/** Characters of what a process printed that are kept. */
const mostPrinted = 20_000;

/** The error that a process has met, with the library that its loader lacked. */
export function failed({ code, summary, details }: Failed, printed: string): Error {
  if (code === null) return new Error(summary);
  const missing = missingLibrary(printed);
  if (code !== 'engine' || missing === undefined) return new GenonnxError(code, summary, details);
  return new GenonnxError(code, summary, {
    ...details,
    found: [details.found, missing].filter(Boolean).join('; '),
  });
}

/** The shared library that the loader did not find. ONNX Runtime only prints it. */
export function missingLibrary(printed: string): string | undefined {
  return /[^\s/]+: cannot open shared object file/.exec(printed)?.[0];
}

function isKind<K extends Answer['kind']>(reply: Answer, kind: K): reply is Extract<Answer, { kind: K }> {
  return reply.kind === kind;
}
