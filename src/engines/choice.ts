// From `auto` to the engine and the memory layout that are used, and why. What the choices depend on is asked of the
// caller: this room knows no runtime.
import type { Layout } from '../../graphs/onnx/lower.js';
import type { CheckVerdict } from '../../graphs/onnx/self-check.js';
import { GenonnxError } from '../errors.js';
import type { TfjsReport } from './tfjs/load.js';

export const engineChoices = ['auto', 'ort', 'tfjs'] as const;
export type EngineChoice = (typeof engineChoices)[number];
export type EngineKind = Exclude<EngineChoice, 'auto'>;

export interface ChosenEngine {
  readonly engine: EngineKind;
  /** In words, for people. */
  readonly reason: string;
}

/** Whether TensorFlow.js for GPUs is here and sees one. */
export type ProbeGpu = () => Promise<TfjsReport>;

/** `auto` is TensorFlow.js where its package for GPUs is installed and sees one, else ONNX Runtime. */
export async function chooseEngine(choice: EngineChoice, probe: ProbeGpu): Promise<ChosenEngine> {
  if (choice !== 'auto') return { engine: choice, reason: 'as asked for' };
  const { found, attempts } = await probe();
  if (found?.gpu === true) return { engine: 'tfjs', reason: `${found.description} sees a GPU` };
  const [attempt] = attempts;
  const failed = attempt?.reason === undefined ? 'is not installed' : `failed: ${attempt.reason}`;
  const why =
    found === undefined ? `@tensorflow/tfjs-node-gpu ${failed}` : `${found.description} sees no GPU`;
  return { engine: 'ort', reason: why };
}

export const layoutChoices = ['auto', 'blocked', 'portable'] as const;
export type LayoutChoice = (typeof layoutChoices)[number];

export interface ChosenLayout {
  readonly layout: Layout;
  /** In words, for people. */
  readonly reason: string;
  /** True where the machine has blocked kernels that give wrong results. */
  readonly distrusted: boolean;
}

/** What the choice of a layout depends on. */
export interface LayoutSources {
  /** The block size of the runtime on this processor; undefined where it has no blocked kernels. */
  probe(): Promise<number | undefined>;
  check(block: number): Promise<CheckVerdict>;
}

/**
 * `auto` is the blocked layout where the processor has kernels for it and they pass the self-check, else the portable
 * one. `blocked` and `portable` are taken at their word.
 *
 * @throws GenonnxError `engine` when `blocked` is asked for and this processor has no blocked kernels.
 */
export async function chooseLayout(
  choice: LayoutChoice,
  { probe, check }: LayoutSources,
): Promise<ChosenLayout> {
  const portable = (reason: string, distrusted = false): ChosenLayout => ({
    layout: { kind: 'portable' },
    reason,
    distrusted,
  });
  if (choice === 'portable') return portable('as asked for');
  const block = await probe();
  if (block === undefined) {
    if (choice === 'auto') return portable('ONNX Runtime has no blocked kernels on this processor');
    throw new GenonnxError('engine', 'ONNX Runtime has no blocked kernels on this processor.', {
      cure: 'Choose `layout` auto or portable.',
    });
  }
  const layout: Layout = { kind: 'blocked', block };
  if (choice === 'blocked') return { layout, reason: 'as asked for', distrusted: false };
  const { ok, failures } = await check(block);
  if (ok) return { layout, reason: 'its operations passed the self-check', distrusted: false };
  const [first] = failures;
  const others = failures.length > 1 ? ` and ${failures.length - 1} more` : '';
  return portable(
    `the blocked kernels failed the self-check: ${first?.operation ?? 'unknown'}${others}`,
    true,
  );
}
