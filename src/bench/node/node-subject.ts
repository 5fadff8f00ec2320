// A model in a process of its own, with onnxruntime-node: memory, allocator and threads are those of this model alone.
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { execaNode } from 'execa';
import { GenonnxError } from '../../errors.js';
import type { OpenSubject } from '../subject.js';
import { type Answer, answerSchema, type Question } from './messages.js';

export interface NodeSubjectOptions {
  /** The compiled worker. */
  readonly worker?: string;
  /** Added to the environment of this process. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** Opens each model in a new process. */
export function nodeSubjects({
  worker = fileURLToPath(new URL('./worker.js', import.meta.url)),
  environment = {},
}: NodeSubjectOptions = {}): OpenSubject {
  return async (request) => {
    const child = execaNode(worker, [], {
      ipc: true,
      // This process may have been started with options that are nothing to a measurement.
      nodeOptions: [],
      env: environment,
      stdin: 'ignore',
      stdout: 'ignore',
      // Native libraries print what they lack on their own.
      stderr: 'pipe',
      buffer: { ipc: false },
      reject: false,
    });
    const ended = child.then(({ exitCode, signal, stderr }) => {
      const found = signal === undefined ? `exit code ${exitCode}` : `signal ${signal}`;
      throw new GenonnxError('engine', 'The process of a measurement ended before it answered.', {
        where: request.file,
        expected: 'an answer',
        found: `${found}${stderr === '' ? '' : `: ${stderr.split('\n').at(-1)}`}`,
        cure: 'Choose a smaller --batch if memory has run out.',
      });
    });
    // Whoever waits for an answer hears of it; nobody may be waiting.
    ended.catch(() => undefined);

    const ask = async (question: Question): Promise<Answer> => {
      // Where the channel closes, how the process ended says more.
      const answer = child.getOneMessage().catch(() => ended);
      answer.catch(() => undefined);
      await child.sendMessage(question).catch(() => ended);
      const reply = answerSchema.parse(await answer);
      if (reply.kind !== 'failed') return reply;
      child.kill();
      throw reply.code === null
        ? new Error(reply.summary)
        : new GenonnxError(reply.code, reply.summary, reply.details);
    };
    const expected = <K extends Answer['kind']>(reply: Answer, kind: K): Extract<Answer, { kind: K }> => {
      if (isKind(reply, kind)) return reply;
      throw new Error(`the process answered ${reply.kind} instead of ${kind}`);
    };
    const kill = (): void => {
      child.kill('SIGKILL');
    };
    const stop = (): void => kill();
    process.once('exit', stop);
    ended.catch(() => process.off('exit', stop));

    const { opened } = expected(await ask({ kind: 'open', request }), 'opened');
    return {
      opened,
      round: async (runs) => expected(await ask({ kind: 'round', runs }), 'round').latenciesMs,
      close: async () => expected(await ask({ kind: 'close' }), 'closed').closing,
      kill,
    };
  };
}

function isKind<K extends Answer['kind']>(reply: Answer, kind: K): reply is Extract<Answer, { kind: K }> {
  return reply.kind === kind;
}
