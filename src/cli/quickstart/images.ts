// The quickstart of image classifiers.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { loadDataset } from '../../../datasets/index.js';
import { requireMeasurements } from '../../bench/failures.js';
import { measure } from '../../bench/measure.js';
import { nodeSubjects } from '../../bench/node/node-subject.js';
import { asGiven } from '../../bench/results.js';
import type { LatencySummary } from '../../bench/statistics.js';
import { testModel } from '../../deploy/model-on-data.js';
import { validateModel } from '../../deploy/validate.js';
import { GenonnxError } from '../../errors.js';
import { runFiles } from '../../runs/run-store.js';
import { accuracy } from '../../tasks/classification/measures.js';
import { EMBEDDED_DATA } from '../../tasks/classification/presets.js';
import type { Results } from '../../train/train-run.js';
import { say } from '../output.js';
import type { QuickstartRow } from './row.js';

/** Few epochs, and weights and alphas on the same batches (Eq. 6): a search in a minute or two. */
export const imageQuickstart: QuickstartRow<'classification'> = {
  search: (seed) => ({
    data: EMBEDDED_DATA,
    seed,
    mode: 'joint',
    epochs: 3,
    trainFraction: 0.9,
    alphas: { learningRate: 0.01 },
  }),
  training: (seed) => ({ data: EMBEDDED_DATA, seed, epochs: 8 }),
  files: [runFiles.model],
  async check(folder, results, threads) {
    const model = join(folder, runFiles.model);
    await checkModel(model, results, threads);
    const { minimumMs, medianMs, p90Ms, imagesPerSecond } = await latencyOf(model, threads);
    return {
      measured: {
        latency: { minimumMs, medianMs, p90Ms, batch: 1 },
        examplesPerSecond: imagesPerSecond,
        sizeBytes: (await readFile(model)).length,
      },
      figures: [
        ['test accuracy', accuracy.format(accuracyOf(results))],
        ['latency, one image', `${medianMs.toFixed(2)} ms`],
      ],
    };
  },
  next: (folder) => [
    `genonnx inspect ${join(folder, runFiles.model)}`,
    `genonnx bench ${join(folder, runFiles.model)} --batch 1,8,64`,
    `genonnx search --data ${EMBEDDED_DATA} --preset small --mode alternating --route all --seed 2 --out ${join(folder, 'search-2')}`,
    'genonnx compile --genotype DATA_M7 --channels 36 --cells 20 --classes 10 --out data-m7.onnx',
  ],
};

/** The file against the float64 interpreter, and its accuracy against that of the training graph. */
async function checkModel(path: string, results: Results, threads: number): Promise<void> {
  const validation = await validateModel({ model: path, batches: [1, 2], seed: 1 });
  say(validation.summary);
  const dataset = await loadDataset(EMBEDDED_DATA);
  const { accuracy: found, images } = await testModel(await readFile(path), dataset, threads);
  say(`onnxruntime-node on ${images} test images: ${accuracy.format(found)}`);
  // Rounding may turn an answer that hung in the balance, but not several.
  if (validation.ok && Math.abs(found - accuracyOf(results)) * images <= 2) return;
  throw new GenonnxError('model-corrupt', 'The exported model does not compute what was trained.', {
    where: path,
    expected: `accuracy ${accuracyOf(results)}`,
    found: String(found),
    cure: 'Run genonnx validate on it; please report this.',
  });
}

function accuracyOf({ test }: Results): number {
  return test[accuracy.name] ?? Number.NaN;
}

/** Of one image on the CPU provider. */
async function latencyOf(model: string, threads: number): Promise<LatencySummary> {
  const candidate = {
    model,
    variant: asGiven,
    file: model,
    provider: 'cpu',
    batch: 1,
    threads,
    optimization: 'all',
  } as const;
  const outcome = await measure([candidate], {
    effort: { rounds: 5, runs: 100, seconds: 1 },
    allowFallback: false,
    open: () => nodeSubjects(),
    environment: process.env,
    peaks: null,
  });
  requireMeasurements(outcome);
  const [measurement] = outcome.measurements;
  if (measurement === undefined) throw new RangeError('one candidate has one measurement');
  return measurement.summary;
}
