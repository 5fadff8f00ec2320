import { describe, expect, it } from 'vitest';
import { stripPlot } from '../../../src/report/strip-plot.js';
import { renderStudy } from '../../../src/report/study.js';
import { intervalMethod } from '../../../src/statistics.js';
import type { RunResult, StudyResults } from '../../../src/study/results.js';
import { summariseMethods } from '../../../src/study/summary.js';

const genotype =
  "Genotype(normal=[('sep_conv_3x3', 0), ('max_pool_3x3', 1)], normal_concat=[2], reduce=[('skip_connect', 0), ('dil_conv_3x3', 1)], reduce_concat=[2])";

function finished(method: string, seed: number, accuracy: number): RunResult {
  return {
    method,
    seed,
    status: 'finished',
    folder: `runs/${method}/seed-${seed}`,
    genotype,
    skips: { normal: seed, reduce: 1 },
    operations: { normal: 2, reduce: 2 },
    parameters: 12_345 + seed,
    macs: 1_000_000 * seed,
    test: { accuracy, loss: 0.75 },
    times: { trainSeconds: 12, continuations: 0 },
  };
}

function results(name = 'DATA'): StudyResults {
  const study: StudyResults['study'] = {
    name: `${name} and random`,
    task: 'classification',
    data: 'fashion-mnist',
    preset: 'small',
    seeds: [1, 2, 3],
    jobs: 'auto',
    threads: 1,
    methods: [
      { name, method: 'egs', settings: { samples: 4 } },
      { name: 'random', method: 'random', settings: {}, random: { kind: 'edges', operations: [2, 2] } },
    ],
    search: {},
    train: {},
  };
  const match = { targetParameters: 12_000, deviation: 0.21, tolerance: 0.1, withinTolerance: false };
  const runs: RunResult[] = [
    { ...finished(name, 1, 0.8), times: { searchSeconds: 30, trainSeconds: 12, continuations: 2 } },
    finished(name, 2, 0.82),
    {
      method: name,
      seed: 3,
      status: 'failed',
      folder: 'runs/x',
      failure: { stage: 'train', exitCode: 2, lastLines: ['error: too large'] },
      times: { continuations: 0 },
    },
    { ...finished('random', 1, 0.7), draw: { draws: 1000, operationsPerNode: 2, match } },
    finished('random', 2, 0.74),
    { method: 'random', seed: 3, status: 'unfinished', folder: 'runs/y', times: { continuations: 0 } },
  ];
  return {
    format: 2,
    study,
    data: { name: 'fashion-mnist', trainExamples: 100, testExamples: 50, checksums: {} },
    tools: { genonnx: '0' },
    statistics: { confidence: 0.95, interval: intervalMethod },
    methods: summariseMethods(study, runs),
    runs,
    times: {},
  };
}

/** The centres of the dots of a colour, in the order in which they were drawn. */
function dotsOf(svg: string, colour: string): number[] {
  const marks = [...svg.matchAll(/<path\b[^>]*>/g)].map(([mark]) => mark);
  return marks.flatMap((mark) => {
    const place = /transform="(?:matrix|translate)\(([^)]*)\)"/.exec(mark)?.[1]?.split(/[ ,]+/).map(Number);
    return mark.includes(`fill="var(${colour})"`) && place !== undefined ? [place.at(-2) ?? 0] : [];
  });
}

describe('stripPlot', () => {
  const strip = { name: 'a', colour: '--train', values: [1, 2, 4], mean: 7 / 3, interval: [0, 5] as const };

  it('draws a dot for each value, in its place, and the mean among them', () => {
    const svg = stripPlot('x', [strip], { label: String });
    const [one = 0, two = 0, four = 0] = dotsOf(svg, '--train');
    expect(dotsOf(svg, '--train')).toHaveLength(3);
    expect((four - one) / (two - one)).toBeCloseTo(3, 3);
    const [mean = 0] = dotsOf(svg, '--ink');
    expect((mean - one) / (two - one)).toBeCloseTo(4 / 3, 3);
    expect(svg).toContain('>a</text>');
  });

  it('is as wide as a phone, its names above their rows', () => {
    const names = ['first', 'n'.repeat(40)];
    const svg = stripPlot(
      'x',
      names.map((name) => ({ ...strip, name })),
      { label: String },
    );
    // Drawn for the 350 pixels that a phone leaves, letters are at least 11 of them.
    const width = Number(/viewBox="0 0 (\d+) /.exec(svg)?.[1]);
    const sizes = [...svg.matchAll(/font-size:([\d.]+)px/g)].map(([, size]) => (Number(size) * 350) / width);
    expect(sizes.length).toBeGreaterThan(4);
    expect(Math.min(...sizes)).toBeGreaterThan(11);
    for (const name of names) expect(svg).toContain(`>${name}</text>`);
    const texts = [
      ...svg.matchAll(/<text[^>]*?(?:y="(-?[\d.]+)")?[^>]*translate\(([\d.]+) ([\d.]+)\)[^>]*>(\w+)</g),
    ];
    const left = texts.filter(([, , , , name = '']) => names.includes(name)).map(([, , x]) => Number(x));
    expect(left).toEqual([left[0], left[0]]);
    expect(left[0]).toBeLessThan(10);
  });

  it('gives equal ratios equal room where it is asked to, with marks where they say', () => {
    const ratios = { ...strip, values: [0.5, 1, 4], mean: 1, interval: [0.25, 8] as const };
    const label = (value: number): string => `at ${Number(value.toPrecision(6))}`;
    const svg = stripPlot('x', [ratios], { label, logarithmic: true, reference: 1 });
    const [half = 0, one = 0, four = 0] = dotsOf(svg, '--train');
    expect((four - one) / (one - half)).toBeCloseTo(2, 3);
    const marks = new Map(
      [...svg.matchAll(/translate\(([\d.]+) [\d.]+\)[^>]*>at ([\d.]+)</g)].map(([, x, mark]) => [
        mark,
        Number(x),
      ]),
    );
    expect([...marks.keys()]).toEqual(['0.5', '1', '2', '5']);
    expect(marks.get('0.5')).toBeCloseTo(half, 3);
    expect(marks.get('1')).toBeCloseTo(one, 3);
  });

  it('marks whole numbers only where it is asked to', () => {
    const few = { ...strip, values: [0, 1, 1], mean: 2 / 3, interval: [0, 2] as const };
    const marks = (whole: boolean) =>
      stripPlot('x', [few], { label: String, whole }).match(/(?<=>)[\d.]+(?=<\/text>)/g);
    expect(marks(true)).toEqual(['0', '1', '2']);
    expect(marks(false)).toContain('0.5');
  });

  it('marks interval and reference where they are known', () => {
    const marks = (svg: string): number => (svg.match(/stroke="var\(--(?:ink|muted)\)"/g) ?? []).length;
    expect(marks(stripPlot('x', [strip], { label: String, reference: 3 }))).toBe(2);
    expect(marks(stripPlot('x', [{ ...strip, interval: null }], { label: String }))).toBe(0);
  });

  it('leaves a single dot to be seen', () => {
    const svg = stripPlot('x', [{ ...strip, values: [2], mean: 2, interval: null }], { label: String });
    expect(dotsOf(svg, '--train')).toHaveLength(1);
    expect(dotsOf(svg, '--ink')).toHaveLength(0);
  });

  it('is the same text each time, whatever was drawn before', () => {
    const first = stripPlot('x', [strip], { label: String });
    stripPlot('other', [strip], { label: String });
    expect(stripPlot('x', [strip], { label: String })).toBe(first);
  });
});

describe('renderStudy', () => {
  it('shows every run, the figures of every method, and the differences by seed', () => {
    const page = renderStudy(results());
    for (const id of ['scores', 'differences', 'sizes', 'runs', 'genotypes', 'configuration'])
      expect(page).toContain(`<section id="${id}">`);
    expect(page).toContain('<td>DATA</td><td>2</td><td>1</td><td>81.00 %</td><td>1.41 %</td>');
    // t = 12.706 at one degree of freedom: 9 +- 12.706 * 1.414 / sqrt(2).
    expect(page).toContain(
      '<td>DATA</td><td>2</td><td>9.00 %</td><td>1.41 %</td><td>-3.71 % to 21.71 %</td>',
    );
    expect(
      page.match(/<td>(?:DATA|random)<\/td><td>[123]<\/td><td>(?:[78]\d\.\d\d %|–)<\/td>/g),
    ).toHaveLength(6);
    expect(page).toContain('continued 2×');
    expect(page).toContain(intervalMethod);
  });

  it('warns of what failed, what is not finished, and what was not matched', () => {
    const page = renderStudy(results());
    expect(page).toContain('<li>DATA, seed 3: train failed: error: too large</li>');
    expect(page).toContain('<li>random, seed 3: not finished.</li>');
    expect(page).toContain('no draw came within the tolerance');
    expect(page).toContain('<td>1000</td><td>2</td><td>12,000</td><td>+21.0 %</td><td>10.0 %</td>');
  });

  it('is a page where nothing is finished yet', () => {
    const all = results();
    const runs = all.runs.map((run): RunResult => {
      const { method, seed, folder } = run;
      return { method, seed, folder, status: 'unfinished', times: { continuations: 0 } };
    });
    const page = renderStudy({ ...all, runs, methods: summariseMethods(all.study, runs) });
    expect(page).not.toContain('<svg');
    expect(page).not.toMatch(/NaN|Infinity|undefined/);
  });

  it('lets nothing break out of its place, has each identifier once, and loads nothing', () => {
    const page = renderStudy(results(`"'></text></svg></title><script>alert(1)</script>`));
    expect(page).not.toMatch(/<(?:script|link|img|iframe)\b/);
    const ids = [...page.matchAll(/ id="([^"]*)"/g)].map((match) => match[1]);
    expect(new Set(ids).size).toBe(ids.length);
  });
});
