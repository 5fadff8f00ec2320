// The search of a recurrent cell.
import type { TextCorpus } from '../../../datasets/text/text-corpus.js';
import { batchify, type Columns, splitTail } from '../../data/text/columns.js';
import { requireWindows, searchWindows } from '../../data/text/windows.js';
import type { RecurrentCell, RecurrentPrimitive, RecurrentSpace } from '../../spaces/recurrent.js';
import type { SearchNetworks, SearchProblem } from '../search-problem.js';
import { edgeFeeds } from './edge-feeds.js';
import { languageMeasures } from './measures.js';
import { languageSupernet, windowExtents } from './networks.js';
import type { LanguageSearchConfig } from './search-settings.js';
import { regularisationOf, windowBatches, windowsInOrder } from './window-batches.js';

export type LanguageSearch = SearchProblem<RecurrentCell, RecurrentPrimitive>;

/** @throws GenonnxError `usage` for a batch or windows that are too large for the text. */
export function languageSearch(
  config: LanguageSearchConfig,
  corpus: TextCorpus,
  space: RecurrentSpace,
): LanguageSearch {
  const { batch, bptt, seed, validationBatch } = config;
  const words = corpus.vocabulary.length;
  const texts =
    config.split === 'validation'
      ? { head: corpus.train, tail: corpus.valid }
      : splitTail(corpus.train, 1 - config.trainFraction);
  const [weights, alphas] = [batchify(texts.head, batch), batchify(texts.tail, batch)];
  for (const { rows } of [weights, alphas]) requireWindows(rows, bptt);
  const draw = (stream: Parameters<typeof searchWindows>[3]) =>
    searchWindows(weights.rows, alphas.rows, bptt, stream);
  const common = { words, seed, settings: config };
  const from = (columns: Columns, masks: string) => ({
    ...common,
    columns,
    // Both sources draw the same windows: an alpha window lies where its weights' window does.
    streams: { windows: 'windows', masks },
  });
  return {
    description: `${corpus.name}, ${corpus.train.length} training words, a vocabulary of ${words}`,
    measures: languageMeasures,
    weightBatches: (saved) =>
      windowBatches(
        {
          ...from(weights, 'weight-masks'),
          draw: (stream) => draw(stream).map((window) => window.weights),
        },
        saved,
      ),
    alphaBatches: (saved) =>
      windowBatches(
        {
          ...from(alphas, 'alpha-masks'),
          draw: (stream) =>
            draw(stream).map((window) => ({ ...window.alphas, rateFactor: window.weights.rateFactor })),
        },
        saved,
      ),
    heldOut: windowsInOrder(batchify(corpus.valid, validationBatch, 'validationBatch'), bptt),
    ...searchNetworks(config, corpus, space),
    budget: undefined,
  };
}

/** What is searched, without the text that it is searched on. */
export function searchNetworks(
  config: LanguageSearchConfig,
  { vocabulary }: Pick<TextCorpus, 'vocabulary'>,
  space: RecurrentSpace,
): Pick<LanguageSearch, keyof SearchNetworks> {
  const { batch, bptt, width, validationBatch } = config;
  const sizes = { words: vocabulary.length, width, batch, validationBatch };
  return {
    space,
    supernet: languageSupernet({ space, ...sizes, regularisation: regularisationOf(config) }),
    codeFeeds: (code) => edgeFeeds(space, code),
    extents: windowExtents(bptt),
  };
}
