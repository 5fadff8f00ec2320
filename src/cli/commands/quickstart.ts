// `genonnx quickstart`: the whole path on embedded data in a few minutes: search, genotype, trained network, ONNX model,
// checked and timed, report. A second call with the same folder continues where the first one stopped.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import process from 'node:process';
import type { Command } from 'commander';
import { report } from '../../library/report.js';
import { defaultThreads } from '../../library/session.js';
import { writeFileAtomic } from '../../runs/atomic.js';
import { readJson } from '../../runs/json-file.js';
import { runFiles } from '../../runs/run-store.js';
import { parseAnyGenotype } from '../../spaces/parse.js';
import { printAnyGenotype } from '../../spaces/print.js';
import { type Results, resultsFile, resultsSchema } from '../../train/train-run.js';
import { oneOf, wholeNumber } from '../options.js';
import { print, printJson, say, table } from '../output.js';
import { duration } from '../progress.js';
import { imageQuickstart } from '../quickstart/images.js';
import { languageQuickstart } from '../quickstart/language.js';
import type { Checked, QuickstartRow } from '../quickstart/row.js';
import { showSearch, showTraining } from '../run-loop.js';

/** Tasks whose models are shipped as they are trained. */
const QUICKSTART_TASKS = ['classification', 'language'] as const;
type QuickstartTask = (typeof QUICKSTART_TASKS)[number];

const rows: { readonly [T in QuickstartTask]: QuickstartRow<T> } = {
  classification: imageQuickstart,
  language: languageQuickstart,
};

export function registerQuickstart(program: Command): void {
  program
    .command('quickstart')
    .description('search, train, export, check and time a model on embedded data, in a few minutes')
    .option(
      '--task <name>',
      `${QUICKSTART_TASKS.join(' (of images) or ')}`,
      oneOf('task', QUICKSTART_TASKS),
      QUICKSTART_TASKS[0],
    )
    .option('--out <folder>', 'where everything goes (default: the first free genonnx-quickstart-N)')
    .option('--seed <n>', 'seed of everything random', wholeNumber('seed', 0), 1)
    .option('--threads <n>', 'threads of the runtime', wholeNumber('threads'), defaultThreads())
    .option('--json', 'print the results as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  genonnx quickstart\n  genonnx quickstart --task language\n  genonnx quickstart --out genonnx-quickstart-1   (continues a run that was stopped)',
    )
    .action(({ task, ...options }: QuickstartOptions) => quickstart(task, options));
}

interface QuickstartOptions {
  readonly task: QuickstartTask;
  readonly out?: string;
  readonly seed: number;
  readonly threads: number;
  readonly json?: boolean;
}

async function quickstart(
  task: QuickstartTask,
  { out = freeFolder(), seed, threads, json }: Omit<QuickstartOptions, 'task'>,
): Promise<void> {
  const startedAt = performance.now();
  const row = rows[task];
  const folders = { search: join(out, 'search'), child: join(out, 'child') };
  say(`Everything goes to ${out}; genonnx live ${out} shows it in a browser. Step 1 of 3: search.`);
  const genotypeFile = join(folders.search, runFiles.genotype);
  const given = { preset: 'small', threads } as const;
  if (!existsSync(genotypeFile)) {
    const from = { task, settings: row.search(seed), ...given, out: folders.search };
    if (!(await showSearch(continuing(folders.search) ?? from)).finished) return;
  }
  const found = parseAnyGenotype(await readFile(genotypeFile, 'utf8'), { source: genotypeFile });
  const genotype = printAnyGenotype(found);
  say(`Found ${genotype}`);

  say('Step 2 of 3: train the derived network.');
  if (!existsSync(join(folders.child, resultsFile))) {
    const from = { task, genotype, settings: row.training(seed), ...given, out: folders.child };
    if ((await showTraining(continuing(folders.child) ?? from)).results === undefined) return;
  }
  const results = await readJson(join(folders.child, resultsFile), resultsSchema);

  say('Step 3 of 3: check and time the model.');
  for (const name of row.files)
    await writeFileAtomic(join(out, name), await readFile(join(folders.child, name)));
  const checked = await row.check(out, results, threads);
  const page = join(out, runFiles.report);
  await writeFileAtomic(page, await report([folders.search, folders.child], checked.measured));

  const summary = {
    ...results,
    ...(checked.measured.latency === undefined ? {} : { latencyMs: checked.measured.latency.medianMs }),
    seconds: (performance.now() - startedAt) / 1000,
    peakRssBytes: process.resourceUsage().maxRSS * 1024,
    model: join(out, runFiles.model),
    report: page,
  };
  if (json === true) printJson(summary);
  else print(closing(summary, checked, row.next(relative(process.cwd(), out) || out)));
}

/** The run that the folder holds already. */
function continuing(folder: string): { readonly resume: string } | undefined {
  return existsSync(join(folder, runFiles.config)) ? { resume: folder } : undefined;
}

function freeFolder(): string {
  for (let n = 1; ; n++) if (!existsSync(`genonnx-quickstart-${n}`)) return `genonnx-quickstart-${n}`;
}

interface Summary extends Results {
  readonly seconds: number;
  readonly peakRssBytes: number;
  readonly model: string;
  readonly report: string;
}

function closing(summary: Summary, { figures }: Checked, next: readonly string[]): string {
  const here = (path: string): string => relative(process.cwd(), path) || path;
  return [
    table([
      ...figures.map((row) => [...row]),
      ['parameters', summary.figures.parameters.toLocaleString('en')],
      ['multiply-adds', summary.figures.macs.toLocaleString('en')],
      ['time', duration(summary.seconds)],
      ['peak memory', `${(summary.peakRssBytes / 1e6).toFixed(0)} MB`],
    ]),
    '',
    `model:  ${here(summary.model)}`,
    `report: ${here(summary.report)}`,
    '',
    'Next:',
    ...next.map((command) => `  ${command}`),
  ].join('\n');
}
