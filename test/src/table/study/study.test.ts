import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { taskSettings } from '../../../../src/cli/run-settings.js';
import { tableStudy } from '../../../../src/library/table-study.js';
import { openStream } from '../../../../src/random.js';
import type { StartChild } from '../../../../src/study/child-process.js';
import { benchmarkOf } from '../../../../src/table/benchmark.js';
import { isTableStudy, type Lookup, parseTableStudy } from '../../../../src/table/study/config.js';
import { lookUp } from '../../../../src/table/study/lookups.js';
import type { TableRun } from '../../../../src/table/study/results.js';
import { summariseTableRuns } from '../../../../src/table/study/summarise.js';
import { printTable } from '../../../../src/table/table-file.js';
import { rowOf, tableOf, whole } from '../../../support/one-table.js';

const benchmark = benchmarkOf(whole);
const { networks } = benchmark;
const options = taskSettings['one-cell'].search;

const chosenBy = (method: Lookup, seed: number, scores = new Map<string, number>()) => {
  const trajectory = lookUp({ benchmark, method, stream: openStream(seed, 'lookup'), scores });
  const last = trajectory.at(-1)?.architecture;
  return { trajectory, network: benchmark.networks.find(({ architecture }) => architecture === last)! };
};
const lookup = (method: Lookup['method'], queries?: number): Lookup => ({
  name: method,
  method,
  population: 5,
  sample: 3,
  ...(queries === undefined ? {} : { queries }),
});
const meanRegret = (method: Lookup): number => {
  const regrets = Array.from({ length: 30 }, (_, seed) => benchmark.regret(chosenBy(method, seed).network));
  return regrets.reduce((sum, regret) => sum + regret, 0) / regrets.length;
};

describe('methods that ask a table', () => {
  it('draw codes: networks of many codes as often', () => {
    const drawn = Array.from({ length: 600 }, (_, seed) => chosenBy(lookup('random'), seed).network);
    // Seven networks have 64 of 497 codes each but for those that e01 and e12 share: 15 of them.
    const share = drawn.filter(({ codes }) => codes > 1).length / drawn.length;
    expect(share).toBeGreaterThan(0.15);
    expect(share).toBeLessThan(0.28);
  });

  it('draw what a search would derive of alphas that have learned nothing', () => {
    const operations = (method: Lookup): number[] =>
      Array.from({ length: 100 }, (_, seed) => {
        const { architecture } = chosenBy(method, seed).network;
        return (architecture.match(/(sep_conv_3x3|skip_connect|avg_pool_3x3)~/g) ?? []).length;
      });
    const [one, two] = [1, 2].map((samples) => operations({ ...lookup('random'), samples }));
    expect(Math.max(...(one ?? []))).toBe(3);
    expect(Math.max(...(two ?? []))).toBe(6);
    // Each node has an operation, and each edge may have none.
    expect(operations({ ...lookup('random'), samples: 2, scope: 'node' })).toContain(1);
    expect(chosenBy({ ...lookup('random'), samples: 2 }, 7)).toEqual(
      chosenBy({ ...lookup('random'), samples: 2 }, 7),
    );
  });

  it('say where a table has nothing that such a search could derive', () => {
    const few = benchmarkOf(tableOf([1, 2].map((seed) => rowOf('|none~0|+|skip_connect~0|none~1|', seed))));
    const method: Lookup = { ...lookup('random'), samples: 4 };
    expect(() =>
      lookUp({ benchmark: few, method, stream: openStream(1, 'lookup'), scores: new Map() }),
    ).toThrow(/no network that such a search could derive/);
  });

  it('are the same for a seed, and better with more queries', () => {
    expect(chosenBy(lookup('evolution', 20), 3)).toEqual(chosenBy(lookup('evolution', 20), 3));
    expect(chosenBy(lookup('random-search', 20), 3).trajectory).toHaveLength(20);
    expect(meanRegret(lookup('random-search', 20))).toBeLessThan(meanRegret(lookup('random-search', 3)));
    expect(meanRegret(lookup('evolution', 60))).toBeLessThan(meanRegret(lookup('evolution', 5)));
    expect(meanRegret(lookup('random-search', 3))).toBeLessThan(meanRegret(lookup('random')));
  });

  it('take the largest score, of all networks where they draw none', () => {
    const scores = new Map(
      benchmark.networks.map(({ architecture, parameters }) => [architecture, parameters]),
    );
    expect(benchmark.regret(chosenBy(lookup('parameters'), 1, scores).network)).toBe(0);
    expect(chosenBy(lookup('parameters', 4), 1, scores).trajectory).toHaveLength(4);
  });
});

it('comparisons are paired by seed, and corrected for their number', () => {
  const run = (method: string, seed: number, regret: number): TableRun => ({
    method,
    seed,
    status: 'finished',
    regret,
    times: {},
  });
  const runs = [0, 1, 2, 3, 4, 5].flatMap((seed) => [
    run('random', seed, 0.1 + 0.01 * seed),
    run('better', seed, 0.05 + 0.011 * seed),
    run('same', seed, 0.1 + 0.01 * seed + (seed % 2 === 0 ? 0.001 : -0.001)),
  ]);
  const named = (name: string, against?: string) => ({
    ...lookup('random'),
    name,
    ...(against === undefined ? {} : { against }),
  });
  const methods = [named('random'), named('better'), named('same'), named('better', 'same')];
  const [random, better, same, other] = summariseTableRuns({ methods, reference: 'random' }, runs);
  expect(other?.comparison).toMatchObject({ against: 'same', better: 6 });
  expect(random?.comparison).toBeUndefined();
  expect(better?.comparison).toMatchObject({ better: 6, worse: 0, sign: 2 / 64, signHolm: 6 / 64 });
  expect(better?.comparison?.student).toBeLessThan(1e-6);
  expect(better?.comparison?.studentHolm).toBeCloseTo(3 * (better?.comparison?.student ?? 0), 12);
  expect(same?.comparison).toMatchObject({ better: 3, worse: 3, sign: 1, signHolm: 1 });
});

describe('the file of a study on a table', () => {
  const head = 'name: a\ntable: t.json\nseeds: 3\n';

  it('is told by its table, and resolved', () => {
    expect(isTableStudy(`${head}methods: [{method: random}]`)).toBe(true);
    expect(isTableStudy('name: a\ndata: b')).toBe(false);
    const text = `${head}methods: [{method: random}, {name: two, method: egs, samples: 2, alpha-lr: 0.1}]\nsearch: {epochs: 2}`;
    const study = parseTableStudy(text, 's.yaml', options);
    expect(study).toMatchObject({ seeds: [1, 2, 3], split: 'test', reference: 'random' });
    const drawn = parseTableStudy(
      `${head}methods: [{method: random, samples: 2, scope: node}]`,
      's.yaml',
      options,
    );
    expect(drawn.methods[0]).toMatchObject({ method: 'random', samples: 2, scope: 'node' });
    expect(study.methods[1]).toEqual({
      name: 'two',
      method: 'egs',
      settings: { epochs: 2, samples: 2, 'alphas.learningRate': 0.1, method: 'egs' },
    });
  });

  it.each([
    ['methods: [{method: rand}]', /Did you mean random/],
    ['methods: [{method: random, epochs: 2}]', /found: +epochs/],
    ['methods: [{method: evolution, samples: 2}]', /found: +samples/],
    ['methods: [{method: egs, data: x}]', /it in the study or its table/],
    ['methods: [{method: egs, sample: 2, alpha: 3}]', /methods\.0/],
    ['methods: [{method: random}, {method: random}]', /two of random/],
    ['methods: [{method: random}]\nreference: best', /reference/],
    ['methods: [{method: random, against: best}]', /methods\.0\.against/],
  ])('refuses %s', (rest, message) => {
    expect(() => parseTableStudy(head + rest, 's.yaml', options)).toThrow(message);
  });
});

describe('a study on a table', () => {
  const place = mkdtempSync(join(tmpdir(), 'genonnx-table-study-'));
  afterAll(() => rmSync(place, { recursive: true }));
  writeFileSync(join(place, 'table.json'), printTable(whole));
  const file = join(place, 'study.yaml');
  writeFileSync(
    file,
    'name: a\ntable: table.json\nseeds: 2\nmethods: [{method: random}, {method: parameters, queries: 3}, {method: egs}]\nsearch: {epochs: 2}\n',
  );
  const journal = (epoch: number, genotype: string): string =>
    JSON.stringify({
      epoch,
      temperature: 1,
      learningRate: 0.1,
      train: { loss: 1, accuracy: 0.5 },
      validation: { loss: 1, accuracy: 0.5 },
      child: { loss: 1, accuracy: 0.25 },
      entropy: { cell: 1 },
      skips: { cell: 0 },
      genotype,
      probabilities: {},
      warnings: [],
      seconds: 3,
      examplesPerSecond: 1,
      hostShare: 0,
    });
  const started: string[][] = [];
  /** Finds the worst network first, and then the best. */
  const start: StartChild = async (args) => {
    started.push([...args]);
    const folder = args.at(-1) ?? '';
    if (args[args.indexOf('--seed') + 1] === '2') return { exitCode: 2, lastLines: ['it failed'] };
    mkdirSync(folder, { recursive: true });
    const texts = [
      "Genotype(cell=[('sep_conv_3x3', 0), ('skip_connect', 0)], cell_concat=[2])",
      "Genotype(cell=[[('sep_conv_3x3', 0)], [('sep_conv_3x3', 0), ('sep_conv_3x3', 1)]], cell_concat=[2])",
    ];
    writeFileSync(
      join(folder, 'journal.jsonl'),
      texts.map((text, index) => `${journal(index + 1, text)}\n`).join(''),
    );
    for (const name of ['genotype.json', 'alphas.json']) writeFileSync(join(folder, name), '{}');
    return { exitCode: 0, lastLines: [] };
  };
  const study = { file, folder: join(place, 'out'), optionsOf: () => taskSettings['one-cell'], start };

  it('looks up what searches find, epoch by epoch, and goes on with those that failed', async () => {
    const { results } = await tableStudy(study);
    const [found, failed] = results.runs.filter(({ method }) => method === 'egs');
    expect(found).toMatchObject({
      status: 'finished',
      architecture: '|sep_conv_3x3~0|+|sep_conv_3x3~0|sep_conv_3x3~1|',
      regret: 0,
      percentile: 1,
      inSupernet: 0.25,
      times: { searchSeconds: 6 },
    });
    // Nothing depends on the first node of what the first epoch found.
    expect(found?.trajectory?.[0]).toBeCloseTo(0.3);
    expect(found?.area).toBeCloseTo(0.15);
    expect(failed).toMatchObject({ status: 'failed', failure: 'it failed' });
    expect(
      results.runs.filter(({ method }) => method === 'parameters').every(({ score = 0 }) => score > 0.5),
    ).toBe(true);
    expect(started).toHaveLength(2);
    expect(started[0]?.slice(0, -1)).toEqual(
      'search --task one-cell --data fashion-mnist --seed 1 --threads 1 --epochs 2 --method egs --out'.split(
        ' ',
      ),
    );
    await tableStudy(study);
    expect(started).toHaveLength(3);
  }, 60_000);

  it('searches again where settings have changed, once for methods that share them', async () => {
    const before = started.length;
    writeFileSync(
      file,
      'name: a\ntable: table.json\nseeds: [1]\nsplit: validation\ntuned: nothing\nmethods: [{method: egs}, {name: same, method: egs}, {method: egs, name: M, samples: 2}]\nsearch: {epochs: 2}\n',
    );
    const { place: folder, results } = await tableStudy(study);
    expect(started.length - before).toBe(1);
    expect(started.at(-1)).toContain('--samples');
    expect(results.runs.map(({ status }) => status)).toEqual(['finished', 'finished', 'finished']);
    expect(results.table.best).toBe(Math.max(...networks.map((one) => benchmark.value(one, 'validation'))));
    expect(results.runs[0]?.score).toBe(results.table.best);
    const page = readFileSync(join(folder, 'report.html'), 'utf8');
    expect(page).toContain('What was tuned, and on what: nothing');
    expect(page).toContain('on the validation examples');
    expect(page).toContain('M, 2 epochs, 6 s a search');
  }, 60_000);
});
