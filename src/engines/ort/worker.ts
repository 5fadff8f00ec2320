// The worker thread: ONNX Runtime's `run` blocks its thread, so it has one of its own and the main one stays responsive.
import { parentPort } from 'node:worker_threads';
import { OrtHost } from './host.js';
import type { Envelope, Reply } from './messages.js';
import { serve } from './serve.js';

const host = new OrtHost();

parentPort?.on('message', async ({ id, request }: Envelope) => {
  let reply: Reply;
  try {
    reply = { id, value: await serve(host, request) };
  } catch (error) {
    reply = { id, error: error instanceof Error ? error.message : String(error) };
  }
  parentPort?.postMessage(reply);
});
