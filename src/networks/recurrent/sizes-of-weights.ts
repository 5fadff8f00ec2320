// What a state dict of the released definitions says of its language model: how many words, how wide it is, and how many nodes
// its cell has. What the nodes compute is nowhere in it.
import { type NamedShapes, requireAgreement, type Said, saidExtent } from '../sizes-of-weights.js';
import { languagePaperSizes } from './parameter-count.js';
import { type LanguageModelSize, recurrentName } from './weights.js';

/** Undefined is what the weights do not say. */
export type SizesOfLanguageWeights = { readonly [S in keyof LanguageModelSize]: Said<number> | undefined };

const silent: SizesOfLanguageWeights = { words: undefined, width: undefined, nodes: undefined };

/** @param weights by names without `module.` in front. */
export function sizesOfLanguageWeights(weights: NamedShapes): SizesOfLanguageWeights {
  let nodes = 0;
  while (weights.has(recurrentName.node(nodes))) nodes += 1;
  return {
    words: saidExtent(weights, recurrentName.table, 0),
    width: saidExtent(weights, recurrentName.table, 1),
    nodes: nodes === 0 ? undefined : { value: nodes, by: recurrentName.node(nodes - 1) },
  };
}

/** Sizes as far as they are asked for; the genotype says how many nodes there are. */
export interface AskedLanguageSizes {
  readonly words?: number | undefined;
  readonly width?: number | undefined;
  readonly nodes: number;
}

/**
 * What is asked for; else what the weights say; else what the papers have for the Penn Treebank.
 * @throws GenonnxError `weights-mismatch` where something is asked for that the weights deny.
 */
export function settleLanguageSizes(
  asked: AskedLanguageSizes,
  said: SizesOfLanguageWeights = silent,
): LanguageModelSize {
  const cure = 'Give the genotype that the weights were trained with.';
  requireAgreement('genotype', asked.nodes, said.nodes, ' nodes', cure);
  requireAgreement('width', asked.width, said.width);
  requireAgreement('words', asked.words, said.words);
  const usual = languagePaperSizes['Penn Treebank'];
  return {
    nodes: asked.nodes,
    width: asked.width ?? said.width?.value ?? usual.width,
    words: asked.words ?? said.words?.value ?? usual.words,
  };
}
