import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { sampleGenotype } from '../../../src/estimators/random.js';
import { openStream } from '../../../src/random.js';
import { createRunFolder, openRunFolder, type RunFolder } from '../../../src/runs/run-folder.js';
import { DARTS_SPACE } from '../../../src/spaces/convolutional.js';
import { parseGenotype } from '../../../src/spaces/parse.js';
import { printGenotype } from '../../../src/spaces/print.js';
import type { Study } from '../../../src/study/config.js';
import { folderNames } from '../../../src/study/plan.js';
import { type StudyResults, studyResultsSchema } from '../../../src/study/results.js';
import { runStudy, type StudyInputs } from '../../../src/study/run-study.js';
import { parseStudy } from '../../../src/study/study-file.js';
import {
  type Child,
  type FakeCommand,
  fakeCommand,
  options,
  study,
  subject,
  withoutTimes,
} from '../../support/study-command.js';
import { scratch } from '../runs/helpers.js';

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

  it('searches once for all seeds, where the study says so, and trains what is known', async () => {
    const genotype = printGenotype(sampleGenotype(DARTS_SPACE, openStream(9, 'known')));
    const [, searched] = study.methods;
    const shared: Study = {
      ...study,
      searchSeed: 7,
      searchData: 'other',
      methods: [searched!, { name: 'known', method: 'known', settings: {}, genotype }],
    };
    const command = fakeCommand();
    const results = await run(await freshFolder(), { ...command, study: shared });
    const searches = command.started.filter(({ kind }) => kind === 'search');
    expect(searches.map(({ args }) => args.join(' '))).toEqual([
      expect.stringMatching(/--data other --limit 40 --seed 7 /),
    ]);
    expect(command.started.filter(({ kind }) => kind === 'train')).toHaveLength(6);
    expect(new Set(results.runs.slice(0, 3).map((found) => found.genotype)).size).toBe(1);
    expect(results.runs[3]).toMatchObject({ genotype, status: 'finished', test: { accuracy: 0.6 } });
  });

  it('searches once for all recipes, and compares those of a recipe', async () => {
    const text = `name: Two
data: fashion-mnist
limit: 40
seeds: [1, 2]
methods:
  - { name: DATA M=1, method: egs, samples: 1 }
  - { name: random, method: random, match: { parameters: DATA M=1 } }
search: { epochs: 2 }
train: { epochs: 3 }
recipes: { short: {}, slow: { epochs: 9, lr: 0.01 } }
`;
    const two = parseStudy(text, 'two.yaml', () => options);
    const command = fakeCommand();
    const results = await run(await freshFolder(), { ...command, study: two });
    const ofKind = (kind: string): string[] =>
      command.started.flatMap((child) => (child.kind === kind ? [child.args.join(' ')] : []));
    expect(ofKind('search')).toHaveLength(2);
    const slow = ofKind('train').filter((args) => args.includes('--epochs 9'));
    expect(slow).toHaveLength(4);
    for (const args of slow) expect(args).toContain('--lr 0.01');
    expect(ofKind('train').filter((args) => args.includes('--epochs 3'))).toHaveLength(4);
    expect(
      results.methods.map(({ name, againstRandom }) => [name, againstRandom.map((one) => one.random)]),
    ).toEqual([
      ['DATA M=1, short', ['random, short']],
      ['random, short', []],
      ['DATA M=1, slow', ['random, slow']],
      ['random, slow', []],
    ]);
    expect(results.runs[0]?.genotype).toBe(results.runs[4]?.genotype);
    expect(results.runs.every(({ status }) => status === 'finished')).toBe(true);
  });

  it('ends with the searches, where nothing is to be trained', async () => {
    const command = fakeCommand();
    const [, searched] = study.methods;
    const lone: Study = { ...study, children: false, methods: [searched!] };
    const results = await run(await freshFolder(), { ...command, study: lone });
    expect(command.started.map(({ kind }) => kind)).toEqual(['search', 'search', 'search']);
    expect(results.runs.every(({ status, test }) => status === 'finished' && test === undefined)).toBe(true);
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
