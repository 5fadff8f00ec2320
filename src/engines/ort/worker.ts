// The worker thread: ONNX Runtime's `run` blocks its thread, so it has one of its own and the main one stays responsive.
import { parentPort } from 'node:worker_threads';
import * as ort from 'onnxruntime-node';
import { OrtHost } from './host.js';
import type { Envelope } from './messages.js';
import { answer } from './serve.js';

const host = new OrtHost(ort, { fillsOutputs: true });

parentPort?.on('message', async (envelope: Envelope) => {
  parentPort?.postMessage(await answer(host, envelope));
});
