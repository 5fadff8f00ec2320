// The process of a measurement: answers the questions that come through its channel, one model long.
import process from 'node:process';
import { getEachMessage, sendMessage } from 'execa';
import { type Answer, failure, type Question, questionSchema } from './messages.js';
import { openRunner, type Runner } from './runner.js';

let runner: Runner | undefined;

async function answer(question: Question): Promise<Answer> {
  if (question.kind === 'open') {
    runner = await openRunner(question.request);
    return { kind: 'opened', opened: runner.opened };
  }
  if (question.kind === 'roofline') {
    const { provider, threads } = question;
    const { measureRoofline } = await import('../measure-roofline.js');
    return { kind: 'roofline', roofline: await measureRoofline({ threads, executionProviders: [provider] }) };
  }
  if (runner === undefined) throw new Error('asked before anything was opened');
  if (question.kind === 'round') return { kind: 'round', latenciesMs: await runner.round(question.runs) };
  return { kind: 'closed', closing: await runner.close() };
}

for await (const message of getEachMessage()) {
  const question = questionSchema.parse(message);
  const reply = await answer(question).catch(failure);
  await sendMessage(reply);
  if (question.kind === 'close') break;
}
process.disconnect?.();
