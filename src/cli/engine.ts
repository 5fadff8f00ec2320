// From `--engine auto|ort|tfjs` to the engine that runs, and why.
import type { Layout } from '../../graphs/onnx/lower.js';
import type { Engine } from '../engines/engine.js';
import { createOrtEngine } from '../engines/ort/engine.js';
import { probeTfjs, type TfjsReport } from '../engines/tfjs/load.js';

export const engineChoices = ['auto', 'ort', 'tfjs'] as const;
export type EngineChoice = (typeof engineChoices)[number];
export type EngineKind = Exclude<EngineChoice, 'auto'>;

export interface ChosenEngine {
  readonly engine: EngineKind;
  /** In words, for people. */
  readonly reason: string;
}

/** What the choice depends on: whether TensorFlow.js for GPUs is here and sees one. */
export type ProbeGpu = () => Promise<TfjsReport>;

const probeHere: ProbeGpu = () => probeTfjs({ packages: ['@tensorflow/tfjs-node-gpu'] });

/** `auto` is TensorFlow.js where its package for GPUs is installed and sees one, else ONNX Runtime. */
export async function chooseEngine(choice: EngineChoice, probe: ProbeGpu = probeHere): Promise<ChosenEngine> {
  if (choice !== 'auto') return { engine: choice, reason: 'as asked for' };
  const { found, attempts } = await probe();
  if (found?.gpu === true) return { engine: 'tfjs', reason: `${found.description} sees a GPU` };
  const [attempt] = attempts;
  const failed = attempt?.reason === undefined ? 'is not installed' : `failed: ${attempt.reason}`;
  const why =
    found === undefined ? `@tensorflow/tfjs-node-gpu ${failed}` : `${found.description} sees no GPU`;
  return { engine: 'ort', reason: why };
}

/** @throws GenonnxError `engine` when TensorFlow.js is asked for and cannot be loaded. */
export async function openEngine(
  kind: EngineKind,
  { layout, threads }: { readonly layout: Layout; readonly threads: number },
): Promise<Engine> {
  if (kind === 'ort') return createOrtEngine({ layout, threads, worker: true });
  return await (await import('../engines/tfjs/engine.js')).openTfjsEngine();
}
