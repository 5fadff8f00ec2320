// A small study and a stand-in for the commands that it starts.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { taskSettings } from '../../src/cli/run-settings.js';
import { sampleGenotype } from '../../src/estimators/random.js';
import { openStream } from '../../src/random.js';
import { CONVOLUTIONAL_FORM, DARTS_SPACE } from '../../src/spaces/convolutional.js';
import { toJson } from '../../src/spaces/print.js';
import type { StartChild } from '../../src/study/child-process.js';
import type { ChildOptions } from '../../src/study/child-settings.js';
import type { Study } from '../../src/study/config.js';
import type { StudyResults } from '../../src/study/results.js';
import type { StudySubject } from '../../src/study/subject.js';
import { classificationMeasures } from '../../src/tasks/classification/measures.js';

export const options: ChildOptions = taskSettings.classification;
export const subject: StudySubject = {
  measures: classificationMeasures,
  form: CONVOLUTIONAL_FORM,
  data: { name: 'fashion-mnist', trainExamples: 40, testExamples: 9, checksums: {} },
  sample: (stream, kind) => sampleGenotype(DARTS_SPACE, stream, kind),
  parametersOf: (genotype) =>
    Object.values(genotype)
      .flatMap(({ nodes }) => nodes.flat())
      .reduce((sum, { primitive }) => sum + (primitive.includes('conv') ? primitive.length : 1), 0),
};
export const study: Study = {
  name: 'Test',
  task: 'classification',
  data: 'fashion-mnist',
  limit: 40,
  preset: 'small',
  seeds: [1, 2, 3],
  jobs: 2,
  threads: 1,
  methods: [
    // First, though its draws wait for the searches of the method below it.
    {
      name: 'random',
      method: 'random',
      settings: {},
      random: {
        kind: 'edges',
        operations: [2, 2],
        match: { target: 'DATA M=1', tolerance: 0.1, draws: 300 },
      },
    },
    { name: 'DATA M=1', method: 'egs', settings: { samples: 1 } },
  ],
  search: { epochs: 2 },
  train: { epochs: 3 },
};

export interface Child {
  readonly kind: string;
  readonly folder: string;
  readonly isResumed: boolean;
  readonly args: readonly string[];
}

export interface FakeCommand {
  readonly startChild: StartChild;
  readonly started: readonly Child[];
  /** The most that were inside at a time. */
  most(): number;
}

/** Stands for the command: leaves in its run folder what a study reads. `interfere` may end it early. */
export function fakeCommand(interfere: (child: Child) => Promise<number> | number = () => 0): FakeCommand {
  const started: Child[] = [];
  let inside = 0;
  let most = 0;
  const value = (args: readonly string[], name: string): string => args[args.indexOf(name) + 1] ?? '';
  const startChild: StartChild = async (args) => {
    const isResumed = args.includes('--resume');
    const folder = value(args, isResumed ? '--resume' : '--out');
    const child = { kind: args[0] ?? '', folder, isResumed, args };
    started.push(child);
    inside += 1;
    most = Math.max(most, inside);
    mkdirSync(folder, { recursive: true });
    const config = join(folder, 'config.json');
    if (!isResumed) writeFileSync(config, JSON.stringify({ seed: Number(value(args, '--seed')) }));
    const { seed } = JSON.parse(readFileSync(config, 'utf8'));
    await wait(2);
    const exitCode = await interfere(child);
    inside -= 1;
    if (exitCode !== 0) return { exitCode, lastLines: ['something', `ended with ${exitCode}`] };
    const epochs = child.kind === 'search' ? 2 : 3;
    const lines = Array.from({ length: epochs }, (_, index) => journalLine(child.kind, index + 1));
    writeFileSync(join(folder, 'journal.jsonl'), `${lines.join('\n')}\n`);
    if (child.kind === 'search') {
      const genotype = sampleGenotype(DARTS_SPACE, openStream(seed, 'found'));
      writeFileSync(join(folder, 'genotype.json'), JSON.stringify(toJson(genotype)));
      writeFileSync(join(folder, 'alphas.json'), '{}');
    } else {
      const test = { loss: 1, accuracy: 0.5 + seed / 10 };
      const results = { test, testExamples: 9, figures: { parameters: 7, macs: 70 } };
      writeFileSync(join(folder, 'results.json'), JSON.stringify(results));
    }
    return { exitCode: 0, lastLines: [] };
  };
  return { startChild, started, most: () => most };
}

const startedAt = performance.now();
function journalLine(kind: string, epoch: number): string {
  const cells = { normal: 0, reduce: 0 };
  const common = { epoch, learningRate: 0.1, train: { loss: 1, accuracy: 0.4 }, examplesPerSecond: 9 };
  const seconds = 0.5 + (performance.now() - startedAt) / 1e6;
  if (kind === 'train')
    return JSON.stringify({
      ...common,
      seconds,
      conditions: {},
      validation: { loss: 1, accuracy: 0.6 - epoch / 10 },
    });
  const search = { temperature: 1, validation: null };
  return JSON.stringify({
    ...common,
    ...search,
    seconds,
    child: { loss: 2, accuracy: epoch / 10 },
    entropy: cells,
    skips: cells,
    genotype: '',
    probabilities: { normal: [], reduce: [] },
    warnings: epoch === 2 ? ['many skips'] : [],
    hostShare: 0,
  });
}

/** Times differ from run to run. */
export const withoutTimes = (results: StudyResults): unknown =>
  JSON.parse(JSON.stringify(results, (key, value) => (key === 'times' ? undefined : value)));
