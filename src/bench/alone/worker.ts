// The process of a measurement that is one as a whole: answers one question, and ends.
import process from 'node:process';
import { getOneMessage, sendMessage } from 'execa';
import { DARTS_SPACE } from '../../spaces/convolutional.js';
import { parseGenotype } from '../../spaces/parse.js';
import { failure } from '../node/messages.js';
import { type Message, type Question, questionSchema } from './messages.js';

async function answer(question: Question): Promise<Message> {
  if (question.kind === 'step') {
    const { benchStep } = await import('../bench-step.js');
    return { kind: 'step', timing: await benchStep({ ...question, space: DARTS_SPACE }) };
  }
  if (question.kind === 'train') {
    const { benchTrain } = await import('../bench-train.js');
    const genotype = parseGenotype(question.genotype);
    return { kind: 'train', timing: await benchTrain({ ...question, genotype }) };
  }
  const { plan, threads, rounds, runs, seconds } = question;
  const [{ measureModels }, { modelsOfPlan, planCells }] = await Promise.all([
    import('../cells/measure-cells.js'),
    import('../cells/plan.js'),
  ]);
  const onProgress = (done: number, note: string): void => {
    // Whoever has gone does not listen.
    sendMessage({ kind: 'progress', done, note } satisfies Message).catch(() => undefined);
  };
  const models = modelsOfPlan(planCells(plan));
  return {
    kind: 'cells',
    measured: await measureModels(models, { threads, rounds, runs, seconds, onProgress }),
  };
}

const question = questionSchema.parse(await getOneMessage());
await sendMessage(await answer(question).catch(failure));
process.disconnect?.();
