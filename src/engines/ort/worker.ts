// The worker thread: ONNX Runtime's `run` blocks its thread, so it has one of its own and the main one stays responsive.
import { parentPort } from 'node:worker_threads';
import * as ort from 'onnxruntime-node';
import { OrtHost } from './host.js';
import type { Envelope } from './messages.js';
import { answerEnvelope } from './serve.js';

const host = new OrtHost(ort, { fillsOutputs: true });

/** Null asks the thread to end: by itself, as ending it from outside could meet native code. */
parentPort?.on('message', async (envelope: Envelope | null) => {
  if (envelope === null) parentPort?.close();
  else parentPort?.postMessage(await answerEnvelope(host, envelope));
});
