// A thread that reads and decodes pictures.
import { parentPort } from 'node:worker_threads';
import { type Answer, carryOut, type Job, type Outcome } from './jobs.js';

export interface Envelope {
  readonly id: number;
  readonly job: Job;
}

export type Reply = { readonly id: number } & ({ readonly outcome: Outcome } | { readonly error: string });

/** Null asks the thread to end: by itself, as ending it from outside could meet native code. */
parentPort?.on('message', async (envelope: Envelope | null) => {
  if (envelope === null) {
    parentPort?.close();
    return;
  }
  const { id, job } = envelope;
  try {
    const outcome = await carryOut(job);
    post({ id, outcome }, 'answer' in outcome ? [bufferOf(outcome.answer)] : []);
  } catch (error) {
    post({ id, error: error instanceof Error ? error.message : String(error) }, []);
  }
});

function post(reply: Reply, transfer: ArrayBuffer[]): void {
  parentPort?.postMessage(reply, transfer);
}

/** What is handed over instead of copied; memory of a decoder's own cannot be, and is copied first. */
function bufferOf(answer: Answer): ArrayBuffer {
  const { buffer } = answer instanceof Uint8Array ? answer : answer.data;
  return buffer instanceof ArrayBuffer ? buffer : new ArrayBuffer(0);
}
