// From `--layout auto|blocked|portable` to the layout that the engine gets, and why.
import type { Layout } from '../../graphs/onnx/lower.js';
import type { CheckVerdict } from '../../graphs/onnx/self-check.js';
import { probeBlockSize } from '../engines/ort/block-size.js';
import { selfCheck, thisMachine } from '../engines/ort/self-check.js';
import { GenonnxError } from '../errors.js';
import { say } from './output.js';
import { version } from './version.js';

export const layoutChoices = ['auto', 'blocked', 'portable'] as const;
export type LayoutChoice = (typeof layoutChoices)[number];

export interface ChosenLayout {
  readonly layout: Layout;
  /** In words, for people. */
  readonly reason: string;
  /** True where the machine has blocked kernels that give wrong results. */
  readonly distrusted: boolean;
}

/** What the choice depends on; this machine when absent. */
export interface LayoutSources {
  probe(): Promise<number | undefined>;
  check(block: number): Promise<CheckVerdict>;
}

const here: LayoutSources = {
  probe: probeBlockSize,
  check: (block) => selfCheck(thisMachine(block, version)),
};

/**
 * `auto` is the blocked layout where the processor has kernels for it and they pass the self-check, else the portable
 * one. `blocked` and `portable` are taken at their word.
 *
 * @throws GenonnxError `engine` when `blocked` is asked for and this processor has no blocked kernels.
 */
export async function chooseLayout(
  choice: LayoutChoice,
  { probe, check }: LayoutSources = here,
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
      cure: 'Use --layout portable.',
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

/** As `chooseLayout`; a fall back from kernels that give wrong results is said on standard error. */
export async function resolveLayout(choice: LayoutChoice, sources: LayoutSources = here): Promise<Layout> {
  const { layout, reason, distrusted } = await chooseLayout(choice, sources);
  if (distrusted) say(`warning: the portable layout is used, which is slower: ${reason}`);
  return layout;
}
