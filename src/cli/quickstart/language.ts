// The quickstart of language models.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadCorpus } from '../../../datasets/index.js';
import { batchify } from '../../data/text/columns.js';
import { testLanguageModel } from '../../deploy/language-on-data.js';
import { validateModel } from '../../deploy/validate.js';
import { GenonnxError } from '../../errors.js';
import { runFiles } from '../../runs/run-store.js';
import { perplexity } from '../../tasks/language/measures.js';
import { EMBEDDED_TEXT } from '../../tasks/language/presets.js';
import { languageTrainingPresets } from '../../tasks/language/training-settings.js';
import type { Results } from '../../train/train-run.js';
import { say } from '../output.js';
import type { QuickstartRow } from './row.js';

const { bptt, width, testBatch } = languageTrainingPresets.small;

/** One epoch of search, on the same windows for weights and alphas (Eq. 6). */
export const languageQuickstart: QuickstartRow<'language'> = {
  search: (seed) => ({ data: EMBEDDED_TEXT, seed, mode: 'joint', epochs: 1 }),
  training: (seed) => ({ data: EMBEDDED_TEXT, seed, epochs: 4 }),
  files: [runFiles.model, runFiles.step, runFiles.vocabulary],
  async check(folder, results, threads) {
    const model = join(folder, runFiles.model);
    const validation = await validateModel({ model, batches: [1, 2], seed: 1 });
    say(validation.summary);
    const { test } = await loadCorpus(EMBEDDED_TEXT);
    const found = await testLanguageModel(await readFile(model), batchify(test, testBatch), {
      bptt,
      width,
      threads,
    });
    say(`onnxruntime-node on ${found.words} test words: perplexity ${perplexity.format(found.perplexity)}`);
    const trained = results.test[perplexity.name] ?? Number.NaN;
    // Float32 of another order of additions departs by less in 50,000 words.
    if (!validation.ok || !(Math.abs(Math.log(found.perplexity / trained)) < 1e-3)) {
      throw new GenonnxError('model-corrupt', 'The exported model does not compute what was trained.', {
        where: model,
        expected: `perplexity ${trained}`,
        found: String(found.perplexity),
        cure: 'Run genonnx validate on it; please report this.',
      });
    }
    return {
      measured: {
        examplesPerSecond: found.wordsPerSecond,
        sizeBytes: (await readFile(model)).length,
      },
      figures: [
        ['test perplexity', perplexity.format(trained)],
        ...besideBaselines(trained, results),
        [`words a second, in windows of ${bptt}`, Math.round(found.wordsPerSecond).toLocaleString('en')],
      ],
    };
  },
  next: (folder) => [
    `genonnx export ${join(folder, 'child')} --to ort-web --out site`,
    `genonnx train --genotype DARTS_V2_RNN --data ${EMBEDDED_TEXT} --preset small --out ${join(folder, 'darts')}`,
    `genonnx search --data ${EMBEDDED_TEXT} --preset small --seed 2 --out ${join(folder, 'search-2')}`,
  ],
};

/** What counts alone reach, and by how much the model is better or worse. */
function besideBaselines(trained: number, { figures }: Results): (readonly [string, string])[] {
  const { unigramPerplexity, bigramPerplexity } = figures;
  const row = (name: string, value: number | undefined): (readonly [string, string])[] => {
    if (value === undefined) return [];
    const share = ((1 - trained / value) * 100).toFixed(0);
    const how = trained < value ? `the model's is ${share} % lower` : `the model does not reach it`;
    return [[`perplexity of ${name}`, `${perplexity.format(value)} (${how})`]];
  };
  return [...row('single words', unigramPerplexity), ...row('pairs of words (Kneser-Ney)', bigramPerplexity)];
}
