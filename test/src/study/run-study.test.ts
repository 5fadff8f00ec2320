import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { taskSettings } from '../../../src/cli/run-settings.js';
import { sampleGenotype } from '../../../src/estimators/random.js';
import { openStream } from '../../../src/random.js';
import { createRunFolder, openRunFolder, type RunFolder } from '../../../src/runs/run-folder.js';
import { CONVOLUTIONAL_FORM, DARTS_SPACE } from '../../../src/spaces/convolutional.js';
import { parseGenotype } from '../../../src/spaces/parse.js';
import { printGenotype, toJson } from '../../../src/spaces/print.js';
import type { StartChild } from '../../../src/study/child-process.js';
import type { ChildOptions } from '../../../src/study/child-settings.js';
import type { Study } from '../../../src/study/config.js';
import { folderNames } from '../../../src/study/plan.js';
import { type StudyResults, studyResultsSchema } from '../../../src/study/results.js';
import { runStudy, type StudyInputs } from '../../../src/study/run-study.js';
import type { StudySubject } from '../../../src/study/subject.js';
import { classificationMeasures } from '../../../src/tasks/classification/measures.js';
import { scratch } from '../runs/helpers.js';

const options: ChildOptions = taskSettings.classification;
const subject: StudySubject = {
  measures: classificationMeasures,
  form: CONVOLUTIONAL_FORM,
  data: { name: 'fashion-mnist', trainExamples: 40, testExamples: 9, checksums: {} },
  sample: (stream, kind) => sampleGenotype(DARTS_SPACE, stream, kind),
  parametersOf: (genotype) =>
    Object.values(genotype)
      .flatMap(({ nodes }) => nodes.flat())
      .reduce((sum, { primitive }) => sum + (primitive.includes('conv') ? primitive.length : 1), 0),
};
const study: Study = {
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

interface Child {
  readonly kind: string;
  readonly folder: string;
  readonly isResumed: boolean;
  readonly args: readonly string[];
}

interface FakeCommand {
  readonly startChild: StartChild;
  readonly started: readonly Child[];
  /** The most that were inside at a time. */
  most(): number;
}

/** Stands for the command: leaves in its run folder what a study reads. `interfere` may end it early. */
function fakeCommand(interfere: (child: Child) => Promise<number> | number = () => 0): FakeCommand {
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

async function run(
  folder: RunFolder,
  given: Partial<StudyInputs> & Pick<StudyInputs, 'startChild'>,
): Promise<StudyResults> {
  try {
    return await runStudy({
      folder,
      study,
      subject,
      options,
      tools: { genonnx: '0' },
      signal: new AbortController().signal,
      line: () => {},
      ...given,
    });
  } finally {
    await folder.close();
  }
}

const freshFolder = (): Promise<RunFolder> => createRunFolder(join(scratch(), 'study'), {});
const withoutTimes = (results: StudyResults): unknown =>
  JSON.parse(JSON.stringify(results, (key, value) => (key === 'times' ? undefined : value)));

describe('runStudy', () => {
  it('runs every method with every seed, so many side by side, and reports each', async () => {
    const command: FakeCommand = fakeCommand(async () => {
      // Nobody leaves before the second has come.
      while (command.started.length < 2) await wait(1);
      return 0;
    });
    const results = await run(await freshFolder(), command);
    expect(studyResultsSchema.parse(results)).toEqual(results);
    expect(command.most()).toBe(2);
    expect(command.started.filter(({ kind }) => kind === 'search')).toHaveLength(3);
    expect(command.started.filter(({ kind }) => kind === 'train')).toHaveLength(6);
    // Which of the first two comes first is nobody's business.
    const first = command.started.find(({ args }) => args.join(' ').includes('--seed 1 '));
    expect(first?.args.join(' ')).toMatch(
      /^search --task classification --preset small --data fashion-mnist --limit 40 --seed 1 --threads 1 --epochs 2 --samples 1 --out \S+$/,
    );
    expect(results.runs.map(({ method, seed, status }) => [method, seed, status])).toEqual(
      study.methods.flatMap(({ name }) => study.seeds.map((seed) => [name, seed, 'finished'])),
    );
    const found = results.runs[3];
    expect(found).toMatchObject({
      folder: 'runs/data-m-1/seed-1',
      genotype: printGenotype(sampleGenotype(DARTS_SPACE, openStream(1, 'found'))),
      operations: { normal: 8, reduce: 8 },
      search: { epochs: 2, child: { accuracy: 0.2 }, warnings: ['many skips'] },
      parameters: 7,
      macs: 70,
      test: { accuracy: 0.6 },
      validation: { accuracy: 0.5 },
    });
    expect(found?.times.searchSeconds).toBeCloseTo(1, 1);
    expect(found?.times.trainSeconds).toBeCloseTo(1.5, 1);
    const data = results.methods[1];
    expect(data?.test.accuracy?.mean).toBeCloseTo(0.7, 12);
    // Paired: the seeds differ, the two methods do not.
    expect(data?.againstRandom[0]?.test.accuracy).toMatchObject({ n: 3, mean: 0 });
    expect(data?.againstRandom[0]?.test.accuracy?.standardDeviation).toBeCloseTo(0, 12);
  });

  it('matches random genotypes to the mean of what was found, and trains what was drawn', async () => {
    const command = fakeCommand();
    const results = await run(await freshFolder(), command);
    const random = results.runs.slice(0, 3);
    const targets = new Set(random.map(({ draw }) => draw?.match?.targetParameters));
    expect(targets.size).toBe(1);
    expect(targets.has(undefined)).toBe(false);
    for (const { genotype, draw } of random) {
      expect(draw?.match?.withinTolerance).toBe(true);
      const training = command.started.find(({ args }) => args.includes(genotype ?? 'none'));
      expect(training?.kind).toBe('train');
      expect(() => parseGenotype(genotype ?? '')).not.toThrow();
    }
    expect(new Set(random.map(({ genotype }) => genotype)).size).toBe(3);
  });

  it('does nothing again that is finished, and gives the same but for the times', async () => {
    const folder = await freshFolder();
    const whole = await run(folder, fakeCommand());
    const second = fakeCommand();
    const again = await run(await openRunFolder(folder.path), second);
    expect(second.started).toEqual([]);
    expect(again).toEqual(whole);
    const elsewhere = await run(await freshFolder(), { ...fakeCommand(), jobs: 1 });
    expect(withoutTimes(elsewhere)).toEqual(withoutTimes(whole));
    expect(elsewhere).not.toEqual(whole);
  });

  it('records a run that fails and goes on; the next time it is tried again', async () => {
    const folder = await freshFolder();
    const isBroken = ({ kind, folder: path }: Child): boolean =>
      kind === 'search' && path.includes(join('data-m-1', 'seed-2'));
    const results = await run(
      folder,
      fakeCommand((child) => (isBroken(child) ? 3 : 0)),
    );
    const [failed, ...others] = results.runs.filter(({ status }) => status !== 'finished');
    expect(others).toEqual([]);
    expect(failed).toMatchObject({
      method: 'DATA M=1',
      seed: 2,
      status: 'failed',
      failure: { stage: 'search', exitCode: 3, lastLines: ['something', 'ended with 3'] },
    });
    expect(results.methods[1]).toMatchObject({ finished: 2, failed: 1 });
    expect(results.methods[1]?.againstRandom[0]?.test.accuracy?.n).toBe(2);

    const retry = fakeCommand();
    const mended = await run(await openRunFolder(folder.path), retry);
    expect(mended.runs.every(({ status }) => status === 'finished')).toBe(true);
    expect(retry.started.map(({ kind, isResumed }) => [kind, isResumed])).toEqual([
      ['search', true],
      ['train', false],
    ]);
    expect(mended.runs[4]?.times.continuations).toBe(1);
  });

  it('fails the draws where there is nothing to match', async () => {
    const command = fakeCommand(({ kind }) => (kind === 'search' ? 1 : 0));
    const results = await run(await freshFolder(), command);
    expect(results.runs.map(({ failure }) => failure?.stage)).toEqual([
      ...['draw', 'draw', 'draw'],
      ...['search', 'search', 'search'],
    ]);
    expect(results.runs[0]?.failure?.lastLines[0]).toContain('DATA M=1 found no genotype');
    expect(results.methods.every(({ test }) => Object.keys(test).length === 0)).toBe(true);
  });

  it('starts nothing more once it is interrupted, and continues to the same results', async () => {
    const whole = await run(await freshFolder(), fakeCommand());
    const folder = await freshFolder();
    const controller = new AbortController();
    const interrupted = fakeCommand(({ kind }) => {
      if (kind === 'train') controller.abort();
      return controller.signal.aborted ? 130 : 0;
    });
    const results = await run(folder, { ...interrupted, signal: controller.signal });
    expect(results.runs.some(({ status }) => status === 'failed')).toBe(false);
    expect(results.runs.filter(({ status }) => status === 'unfinished')).toHaveLength(6);
    expect(interrupted.started.filter(({ kind }) => kind === 'train').length).toBeLessThanOrEqual(2);
    const continued = await run(await openRunFolder(folder.path), fakeCommand());
    expect(withoutTimes(continued)).toEqual(withoutTimes(whole));
  });

  it('gives every search its seconds, from an epoch that was measured', async () => {
    const budget: Study = { ...study, searchSeconds: 5.9, search: {} };
    const folder = await freshFolder();
    const command = fakeCommand();
    const results = await run(folder, { ...command, study: budget });
    const [measured, ...searches] = command.started.filter(({ kind }) => kind === 'search');
    expect(measured?.args.join(' ')).toContain('--samples 1 --epochs 1 --out');
    // An epoch takes a little more than half a second.
    expect(results.times.calibration).toMatchObject([{ method: 'DATA M=1', epochs: 11 }]);
    expect(searches).toHaveLength(3);
    for (const { args } of searches) expect(args.join(' ')).toContain('--samples 1 --epochs 11 --out');
    expect(existsSync(join(folder.path, 'calibration', 'data-m-1', 'genotype.json'))).toBe(true);
  });
});

describe('folderNames', () => {
  it('gives each method a folder of its own, plain on every system', () => {
    expect(folderNames(['DATA M=4', 'data/m:4', '…', 'a-b'])).toEqual([
      'data-m-4',
      'data-m-4-2',
      'method',
      'a-b',
    ]);
  });
});
