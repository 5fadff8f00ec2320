// `genonnx quickstart`: the whole path on the embedded images in a few minutes: search, genotype, trained network, ONNX
// model, checked and timed, report. A second call with the same folder continues where the first one stopped.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import process from 'node:process';
import type { Command } from 'commander';
import { loadDataset } from '../../../datasets/index.js';
import { requireMeasurements } from '../../bench/failures.js';
import { measure } from '../../bench/measure.js';
import { nodeSubjects } from '../../bench/node/node-subject.js';
import { asGiven } from '../../bench/results.js';
import type { LatencySummary } from '../../bench/statistics.js';
import { testModel } from '../../deploy/model-on-data.js';
import { validateModel } from '../../deploy/validate.js';
import { GenonnxError } from '../../errors.js';
import { report } from '../../library/report.js';
import { defaultThreads } from '../../library/session.js';
import { writeFileAtomic } from '../../runs/atomic.js';
import { readJson } from '../../runs/json-file.js';
import { runFiles } from '../../runs/run-store.js';
import { parseGenotype } from '../../spaces/parse.js';
import { printGenotype } from '../../spaces/print.js';
import { accuracy } from '../../tasks/classification/measures.js';
import type { SearchGiven } from '../../tasks/classification/resolve-search.js';
import type { TrainingGiven } from '../../tasks/classification/resolve-training.js';
import { type Results, resultsFile, resultsSchema } from '../../train/train-run.js';
import { wholeNumber } from '../options.js';
import { print, printJson, say, table } from '../output.js';
import { duration } from '../progress.js';
import { showSearch, showTraining } from '../run-loop.js';

const task = 'classification';
const data = 'fashion-mnist';

/** Few epochs, and weights and alphas on the same batches (Eq. 6): a search in a minute or two. */
const searchGiven: SearchGiven = {
  data,
  mode: 'joint',
  epochs: 3,
  trainFraction: 0.9,
  alphas: { learningRate: 0.01 },
};

const trainingGiven: TrainingGiven = { data, epochs: 8 };

export function registerQuickstart(program: Command): void {
  program
    .command('quickstart')
    .description('search, train, export, check and time a model on embedded images, in a few minutes')
    .option('--out <folder>', 'where everything goes (default: the first free genonnx-quickstart-N)')
    .option('--seed <n>', 'seed of everything random', wholeNumber('seed', 0), 1)
    .option('--threads <n>', 'threads of the runtime', wholeNumber('threads'), defaultThreads())
    .option('--json', 'print the results as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  genonnx quickstart\n  genonnx quickstart --out genonnx-quickstart-1   (continues a run that was stopped)',
    )
    .action(quickstart);
}

interface QuickstartOptions {
  readonly out?: string;
  readonly seed: number;
  readonly threads: number;
  readonly json?: boolean;
}

async function quickstart({ out = freeFolder(), seed, threads, json }: QuickstartOptions): Promise<void> {
  const startedAt = performance.now();
  const folders = { search: join(out, 'search'), child: join(out, 'child') };
  say(`Everything goes to ${out}. Step 1 of 3: search.`);
  const genotypeFile = join(folders.search, runFiles.genotype);
  if (!existsSync(genotypeFile)) {
    const given = { ...searchGiven, seed };
    const from = { task, preset: 'small', settings: given, threads, out: folders.search } as const;
    if (!(await showSearch(continuing(folders.search) ?? from)).finished) return;
  }
  const genotype = parseGenotype(await readFile(genotypeFile, 'utf8'), { source: genotypeFile });
  say(`Found ${printGenotype(genotype)}`);

  say('Step 2 of 3: train the derived network.');
  if (!existsSync(join(folders.child, resultsFile))) {
    const given = { ...trainingGiven, seed };
    const from = { task, genotype, preset: 'small', settings: given, threads, out: folders.child } as const;
    if ((await showTraining(continuing(folders.child) ?? from)).results === undefined) return;
  }
  const results = await readJson(join(folders.child, resultsFile), resultsSchema);

  say('Step 3 of 3: check and time the model.');
  const model = join(out, runFiles.model);
  await writeFileAtomic(model, await readFile(join(folders.child, runFiles.model)));
  await checkModel(model, results, threads);
  const { minimumMs, medianMs, p90Ms, imagesPerSecond } = await latencyOf(model, threads);
  const page = join(out, runFiles.report);
  const measured = {
    latency: { minimumMs, medianMs, p90Ms, batch: 1 },
    examplesPerSecond: imagesPerSecond,
    sizeBytes: (await readFile(model)).length,
  };
  await writeFileAtomic(page, await report([folders.search, folders.child], measured));

  const seconds = (performance.now() - startedAt) / 1000;
  const summary = {
    ...results,
    latencyMs: medianMs,
    seconds,
    peakRssBytes: process.resourceUsage().maxRSS * 1024,
    model,
    report: page,
  };
  if (json === true) printJson(summary);
  else print(closing(summary, out));
}

/** The run that the folder holds already. */
function continuing(folder: string): { readonly resume: string } | undefined {
  return existsSync(join(folder, runFiles.config)) ? { resume: folder } : undefined;
}

function freeFolder(): string {
  for (let n = 1; ; n++) if (!existsSync(`genonnx-quickstart-${n}`)) return `genonnx-quickstart-${n}`;
}

/** The file against the float64 interpreter, and its accuracy against that of the training graph. */
async function checkModel(path: string, results: Results, threads: number): Promise<void> {
  const validation = await validateModel({ model: path, batches: [1, 2], seed: 1 });
  say(validation.summary);
  const dataset = await loadDataset(data);
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

interface Summary extends Results {
  readonly latencyMs: number;
  readonly seconds: number;
  readonly peakRssBytes: number;
  readonly model: string;
  readonly report: string;
}

function closing(summary: Summary, out: string): string {
  const figures = table([
    ['test accuracy', accuracy.format(accuracyOf(summary))],
    ['parameters', summary.figures.parameters.toLocaleString('en')],
    ['multiply-adds', summary.figures.macs.toLocaleString('en')],
    ['latency, one image', `${summary.latencyMs.toFixed(2)} ms`],
    ['time', duration(summary.seconds)],
    ['peak memory', `${(summary.peakRssBytes / 1e6).toFixed(0)} MB`],
  ]);
  const here = (path: string): string => relative(process.cwd(), path) || path;
  return [
    figures,
    '',
    `model:  ${here(summary.model)}`,
    `report: ${here(summary.report)}`,
    '',
    'Next:',
    `  genonnx inspect ${here(summary.model)}`,
    `  genonnx bench ${here(summary.model)} --batch 1,8,64`,
    `  genonnx search --data ${data} --preset small --mode alternating --route all --seed 2 --out ${here(join(out, 'search-2'))}`,
    '  genonnx compile --genotype DATA_M7 --channels 36 --cells 20 --classes 10 --out data-m7.onnx',
  ].join('\n');
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
