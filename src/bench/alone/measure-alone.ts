// A measurement in a process of its own, whose memory and allocator nobody else has used.
import process from 'node:process';
import { execaNode } from 'execa';
import { builtFile } from '../../built-file.js';
import { GenonnxError } from '../../errors.js';
import { failed } from '../node/worker-process.js';
import { type AnswerTo, type Message, messageSchema, type Question } from './messages.js';

export interface AloneOptions {
  /** The compiled worker. */
  readonly worker?: string;
  /** Added to the environment of this process. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly onProgress?: ((done: number, note: string) => void) | undefined;
  /** Ends the process at once. */
  readonly signal?: AbortSignal | undefined;
}

/** @throws GenonnxError what the process threw, or `engine` where it ended before it answered; the signal's reason. */
export async function measureAlone<K extends Question['kind']>(
  question: Extract<Question, { kind: K }>,
  kind: K,
  {
    worker = builtFile(import.meta.url, './worker.js'),
    environment = {},
    onProgress,
    signal,
  }: AloneOptions = {},
): Promise<AnswerTo<K>> {
  signal?.throwIfAborted();
  const child = execaNode(worker, [], {
    ipc: true,
    nodeOptions: [],
    env: { ORT_DISABLE_TELEMETRY: '1', ...environment },
    stdin: 'ignore',
    stdout: 'ignore',
    stderr: 'pipe',
    buffer: { ipc: false },
    reject: false,
  });
  const kill = (): void => {
    child.kill('SIGKILL');
  };
  process.once('exit', kill);
  signal?.addEventListener('abort', kill, { once: true });
  try {
    await child.sendMessage(question);
    for await (const message of child.getEachMessage()) {
      const said = messageSchema.parse(message);
      if (said.kind === 'progress') {
        onProgress?.(said.done, said.note);
        continue;
      }
      // Leaving the loop waits for its end.
      kill();
      if (isKind(said, kind)) return said;
      throw said.kind === 'failed' ? failed(said, '') : new Error(`${said.kind} instead of ${kind}`);
    }
    const { exitCode, signal: by, stderr } = await child;
    signal?.throwIfAborted();
    throw new GenonnxError('engine', 'The process of a measurement ended before it answered.', {
      expected: 'an answer',
      found: [by === undefined ? `exit code ${exitCode}` : `signal ${by}`, stderr.trim().split('\n').at(-1)]
        .filter(Boolean)
        .join(': '),
      cure: 'Choose smaller sizes if memory has run out.',
    });
  } finally {
    process.off('exit', kill);
    signal?.removeEventListener('abort', kill);
    kill();
  }
}

function isKind<K extends Question['kind']>(message: Message, kind: K): message is AnswerTo<K> {
  return message.kind === kind;
}
