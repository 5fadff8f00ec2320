// The engines of this machine and process: what `choice.ts` asks, and the engine that was chosen.
import * as ort from 'onnxruntime-node';
import type { Layout } from '../../graphs/onnx/lower.js';
import type { EngineKind, LayoutSources, ProbeGpu } from './choice.js';
import type { Engine } from './engine.js';
import { probeBlockSize } from './ort/block-size.js';
import { selfCheck, thisMachine } from './ort/kept-verdict.js';
import { modelRunner } from './ort/model-runner.js';
import { createNodeOrtEngine, ortVersion } from './ort/node.js';
import { probeTfjs } from './tfjs/load.js';

export const probeGpuHere: ProbeGpu = () => probeTfjs({ packages: ['@tensorflow/tfjs-node-gpu'] });

/** `genonnx`: the version of this package, whose verdict on the blocked operations is kept. */
export function layoutSourcesHere(genonnx: string): LayoutSources {
  return {
    probe: () => probeBlockSize(ort),
    check: (block) => selfCheck(thisMachine(block, { runtime: ortVersion, genonnx }), modelRunner(ort)),
  };
}

/** @throws GenonnxError `engine` when TensorFlow.js is asked for and cannot be loaded. */
export async function openEngine(
  kind: EngineKind,
  { layout, threads }: { readonly layout: Layout; readonly threads: number },
): Promise<Engine> {
  if (kind === 'ort') return createNodeOrtEngine({ layout, threads, worker: true });
  return await (await import('./tfjs/engine.js')).openTfjsEngine();
}
