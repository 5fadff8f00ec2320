// What a language model is judged by.
import type { Measures, Metric } from '../../loop/meter.js';

/** exp of the mean cross entropy of a word, in nats: as good as choosing among so many equally likely words. */
export const perplexity: Metric = {
  name: 'perplexity',
  title: 'Perplexity',
  better: 'lower',
  of: (means) => Math.exp(means.get('crossEntropy')?.[0] ?? Number.NaN),
  format: (value, digits = 1) => value.toFixed(digits),
};

/** What results call the perplexities of counts on the test text. */
export const baselineFigures = { unigram: 'unigramPerplexity', bigram: 'bigramPerplexity' } as const;

/** The loss of a training step has penalties in it, so that the cross entropy is a report of its own. */
export const languageMeasures: Measures = {
  examples: 'words',
  reports: ['crossEntropy'],
  metrics: [perplexity],
  baselines: [
    { name: 'unigram counts', figure: baselineFigures.unigram },
    { name: 'bigram counts', figure: baselineFigures.bigram },
  ],
};
