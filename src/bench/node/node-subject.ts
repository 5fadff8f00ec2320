// A model in a process of its own, with onnxruntime-node: memory, allocator and threads are those of this model alone. The
// roofline of a provider is measured in such a process, too: under the same environment, and apart from everything else.
import type { ProviderName } from '../providers.js';
import type { Roofline } from '../roofline.js';
import type { OpenSubject } from '../subject.js';
import { startWorker, type WorkerOptions } from './worker-process.js';

/** Opens each model in a new process. */
export function nodeSubjects(options: WorkerOptions = {}): OpenSubject {
  return async (request) => {
    const worker = startWorker(request.file, options);
    const { opened } = await worker.ask({ kind: 'open', request }, 'opened');
    return {
      opened,
      round: async (runs) => (await worker.ask({ kind: 'round', runs }, 'round')).latenciesMs,
      close: async () => (await worker.ask({ kind: 'close' }, 'closed')).closing,
      kill: worker.kill,
    };
  };
}

/** Measures the roofline of a provider in a new process. */
export function nodeRooflines(options: WorkerOptions = {}) {
  return async (provider: ProviderName, threads: number): Promise<Roofline> => {
    const worker = startWorker(provider, options);
    try {
      return (await worker.ask({ kind: 'roofline', provider, threads }, 'roofline')).roofline;
    } finally {
      worker.kill();
    }
  };
}
