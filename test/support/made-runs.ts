// Run folders that nobody has searched or trained: as many and as long as a test of their page wants, with alphas that drift as those
// of a search do. The folders are what the commands leave; the numbers mean nothing.
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deriveGenotype } from '../../src/estimators/derive.js';
import { probabilitiesOf, relativeEntropies, rowsByEdge } from '../../src/estimators/probabilities.js';
import { toolVersions } from '../../src/library/session.js';
import { openStream } from '../../src/random.js';
import { jsonText } from '../../src/runs/json.js';
import { countSkips } from '../../src/spaces/describe.js';
import { printGenotypeOf, toJson } from '../../src/spaces/print.js';
import { entryCount } from '../../src/spaces/search-space.js';
import { zooEntry } from '../../src/spaces/zoo.js';
import { searchedTasks, tasks } from '../../src/tasks/tasks.js';

export interface MadeRun {
  /** Of the plan, and how many of them are done. */
  readonly epochs: number;
  readonly done?: number;
  readonly seed?: number;
  /** Whether it has come to its end. */
  readonly finished?: boolean;
}

const { space, form } = tasks.classification;

/** A search of an image classifier. @returns adds its next epoch. */
export function madeSearch(
  folder: string,
  { epochs, done = epochs, seed = 1, finished = false }: MadeRun,
): () => void {
  const given = { data: 'fashion-mnist', seed, epochs };
  const settings = searchedTasks.classification.search.resolve({ preset: 'small', given, threads: 1 });
  begin(folder, 'search', settings);
  const stream = openStream(seed, 'alphas');
  const drift = openStream(seed, 'genotype');
  const alphas = Float64Array.from({ length: entryCount(space) }, () => 0.1 * stream.normal());
  const target = Float64Array.from(alphas, () => 2 * drift.normal());
  let epoch = 0;
  const next = (): void => {
    epoch += 1;
    for (let i = 0; i < alphas.length; i++)
      alphas[i] = alphas[i]! + (target[i]! * 2) / epochs + 0.02 * stream.normal();
    const genotype = deriveGenotype(alphas, space, settings);
    const loss = 2.3 * Math.exp((-2 * epoch) / epochs) + 0.2 + 0.03 * stream.normal();
    const scores = (gap: number) => ({ loss: loss + gap, accuracy: 1 - Math.min(0.9, (loss + gap) / 2.6) });
    append(folder, {
      epoch,
      temperature: 3 - (2 * epoch) / epochs,
      learningRate: 0.025 * (1 - epoch / epochs),
      train: scores(0),
      validation: scores(0.05),
      child: scores(0.2),
      entropy: relativeEntropies(alphas, space, settings),
      probabilities: rowsByEdge(probabilitiesOf(alphas, space, settings), space),
      skips: countSkips(genotype, space),
      closedNodes: 0,
      genotype: printGenotypeOf(space, genotype),
      warnings: [],
      seconds: 4 + 0.2 * stream.normal(),
      examplesPerSecond: 800 + 20 * stream.normal(),
      hostShare: 0.03,
      dataWaitShare: 0,
    });
  };
  for (let n = 0; n < done; n++) next();
  if (finished)
    writeFileSync(join(folder, 'genotype.json'), jsonText(toJson(deriveGenotype(alphas, space, settings))));
  return next;
}

/** A training of an image classifier. @returns adds its next epoch. */
export function madeTraining(
  folder: string,
  { epochs, done = epochs, seed = 1, finished = false }: MadeRun,
): () => void {
  const genotype = printGenotypeOf(form, zooEntry('DARTS_V2').genotype);
  const given = { data: 'fashion-mnist', seed, epochs, genotype };
  const settings = tasks.classification.training.resolve({ preset: 'small', given, threads: 1 });
  begin(folder, 'train', settings);
  const stream = openStream(seed, 'alphas');
  let epoch = 0;
  const next = (): void => {
    epoch += 1;
    const loss = 2.3 * Math.exp((-3 * epoch) / epochs) + 0.15 + 0.03 * stream.normal();
    append(folder, {
      epoch,
      learningRate: 0.025 * (1 - epoch / epochs),
      conditions: {},
      train: { loss, accuracy: 1 - Math.min(0.9, loss / 2.6) },
      validation: { loss: loss + 0.1, accuracy: 1 - Math.min(0.9, (loss + 0.1) / 2.6) },
      seconds: 3 + 0.1 * stream.normal(),
      examplesPerSecond: 900 + 20 * stream.normal(),
      dataWaitShare: 0,
    });
  };
  for (let n = 0; n < done; n++) next();
  if (finished)
    writeFileSync(
      join(folder, 'results.json'),
      jsonText({
        test: { loss: 0.41, accuracy: 0.861 },
        testExamples: 10_000,
        figures: { parameters: 123_456, macs: 7_890_123 },
      }),
    );
  return next;
}

function begin(folder: string, kind: 'search' | 'train', settings: object): void {
  mkdirSync(folder, { recursive: true });
  const manifest = {
    kind,
    task: 'classification',
    settings,
    engine: 'ort',
    layout: { kind: 'portable' },
    data: { name: 'fashion-mnist', checksums: {} },
    tools: toolVersions,
  };
  writeFileSync(join(folder, 'config.json'), jsonText(manifest));
  writeFileSync(join(folder, 'journal.jsonl'), '');
}

function append(folder: string, record: object): void {
  appendFileSync(join(folder, 'journal.jsonl'), `${JSON.stringify(record)}\n`);
}

/** A study of two methods and three seeds, some of whose runs are at different stages; of data with these checksums. */
export function madeStudy(folder: string, checksums: Readonly<Record<string, string>> = {}): void {
  const study = {
    name: 'Two methods',
    task: 'classification',
    data: 'fashion-mnist',
    preset: 'small',
    seeds: [1, 2, 3],
    jobs: 1,
    threads: 1,
    methods: [
      { name: 'DATA M=4', method: 'egs', settings: { samples: 4 } },
      { name: 'random', method: 'random', settings: {}, random: { kind: 'codes', operations: [1, 4] } },
    ],
    search: {},
    train: {},
  };
  mkdirSync(folder, { recursive: true });
  const data = { name: 'fashion-mnist', checksums };
  writeFileSync(join(folder, 'config.json'), jsonText({ kind: 'study', study, data }));
  const own = join(folder, 'runs', 'data-m-4');
  madeSearch(join(own, 'seed-1', 'search'), { epochs: 4, finished: true });
  madeTraining(join(own, 'seed-1', 'child'), { epochs: 4, finished: true });
  madeSearch(join(own, 'seed-2', 'search'), { epochs: 4, finished: true });
  madeTraining(join(own, 'seed-2', 'child'), { epochs: 4, done: 2 });
  madeSearch(join(own, 'seed-3', 'search'), { epochs: 4, done: 1 });
  mkdirSync(join(folder, 'runs', 'random', 'seed-1'), { recursive: true });
  const failure = { stage: 'train', exitCode: 2, lastLines: ['error: The loss is no number any more.'] };
  writeFileSync(join(folder, 'runs', 'random', 'seed-1', 'failure.json'), jsonText(failure));
}
