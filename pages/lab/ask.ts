// The worker as the page sees it: calls that are answered, and events.
import type { LabCallName, LabCalls, LabEvents, LabReply } from '../../src/lab/calls.js';

/** An event with its name, so that what is told fits. */
export type LabEvent = {
  readonly [E in keyof LabEvents]: { readonly event: E; readonly told: LabEvents[E] };
}[keyof LabEvents];

export interface LabWorker {
  ask<K extends LabCallName>(call: K, asked: LabCalls[K]['asked']): Promise<LabCalls[K]['answer']>;
}

/** Starts the worker; `heard` is told its events. */
export function startWorker(heard: (event: LabEvent) => void): LabWorker {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
  const waiting = new Map<number, { resolve(answer: unknown): void; reject(error: Error): void }>();
  let lastId = 0;
  worker.onmessage = ({ data }: MessageEvent<LabReply>) => {
    if ('event' in data) return heard(data);
    const asked = waiting.get(data.id);
    waiting.delete(data.id);
    if ('error' in data) asked?.reject(new Error(data.error));
    else asked?.resolve(data.answer);
  };
  worker.onerror = ({ message }) => {
    for (const { reject } of waiting.values()) reject(new Error(message));
    waiting.clear();
  };
  return {
    ask: (call, asked) =>
      new Promise((resolve, reject) => {
        lastId += 1;
        // The worker answers a call with what the table of calls says.
        waiting.set(lastId, { resolve: (answer) => resolve(answer as never), reject });
        worker.postMessage({ id: lastId, call, asked });
      }),
  };
}
