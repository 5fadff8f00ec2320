import { describe, expect, it } from 'vitest';
import { lineChart } from '../../../src/report/charts.js';
import type { ReportData } from '../../../src/report/data.js';
import { bytes, compact, integer, milliseconds, percent } from '../../../src/report/format.js';
import { renderReport } from '../../../src/report/report.js';
import { sampleReport } from './sample.js';

const { measures } = sampleReport(1);
const sections = [
  'results',
  'confusions',
  'genotype',
  'training',
  'search',
  'probabilities',
  'configuration',
];
const idsOf = (page: string) => [...page.matchAll(/ id="([^"]*)"/g)].map((match) => match[1]);

describe('renderReport', () => {
  it('has every section, and a chart for each edge of both cell types', async () => {
    const page = await renderReport(sampleReport());
    for (const id of sections) expect(page).toContain(`<section id="${id}">`);
    expect(page.match(/<figcaption>from /g)).toHaveLength(2 * 14);
    expect(page).toMatch(/85\.3 %.*54\.3 k.*7\.82 M.*2\.03 ms/s);
    expect(page).toContain('<td>weights.learningRate</td><td>0.025</td>');
    expect(page).toContain('may be taking over');
    expect(page).toContain('of all edges into a node sum to one');
  });

  it('leaves out what a run does not have', async () => {
    const bare = await renderReport({ title: 'Bare', measures });
    for (const id of sections) expect(bare).not.toContain(`id="${id}"`);
    const { title, search } = sampleReport();
    const searched = await renderReport({ title, measures, search });
    expect(searched).toContain('<section id="search">');
    expect(searched).not.toContain('<section id="training">');
    expect(await renderReport({ title, measures, search: { ...search!, epochs: [] } })).not.toContain(
      'id="search"',
    );
  });

  it('draws a run of one epoch, and one whose losses are not finite', async () => {
    const one = sampleReport(1);
    expect(await renderReport(one)).toContain('id="search-loss"');
    const lost = { train: { loss: null }, validation: { loss: Number.NaN }, child: {} };
    const epochs = one.search!.epochs.map((epoch) => ({ ...epoch, ...lost }));
    const page = await renderReport({ title: 'x', measures, search: { ...one.search!, epochs } });
    expect(page).not.toContain('id="search-loss"');
    expect(page).not.toMatch(/NaN|Infinity|undefined/);
  });

  it('loads nothing and runs nothing', async () => {
    const page = await renderReport(sampleReport());
    const addresses = (page.match(/https?:\/\/[^"\s]*/g) ?? []).filter(
      (address) => !['http://www.w3.org/2000/svg', 'http://www.w3.org/1999/xlink'].includes(address),
    );
    expect(addresses).toEqual([]);
    expect(page).not.toMatch(/<(?:script|link|img|iframe)\b|@import|\burl\((?!#)/);
  });

  it('is the same text each time, with every identifier once', async () => {
    const page = await renderReport(sampleReport());
    expect(await renderReport(sampleReport())).toBe(page);
    expect(new Set(idsOf(page)).size).toBe(idsOf(page).length);
  });

  it('lets nothing break out of its place', async () => {
    const evil = `"'></style></title><script>alert(1)</script>`;
    const sample = sampleReport(2);
    const data: ReportData = {
      ...sample,
      title: evil,
      subtitle: evil,
      warnings: [evil],
      results: [{ name: evil }],
      genotype: { ...sample.genotype!, text: evil },
      search: {
        ...sample.search!,
        cellTypes: sample.search!.cellTypes.map(({ primitives, ...type }) => ({
          ...type,
          title: evil,
          primitives: primitives.map((name) => `${name}${evil}`),
        })),
      },
      configuration: { [evil]: evil, list: [evil] },
    };
    const page = await renderReport(data);
    expect(page).not.toContain('<script');
    expect(page.match(/<\/style>/g)).toHaveLength(1);
    expect(page.match(/<\/title>/g)).toHaveLength(1);
    expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
  });
});

describe('lineChart', () => {
  it('leaves a gap where a value is missing', () => {
    const points = [1, 2, 3, 4, 5].map((x) => [x, x === 3 ? null : x] as const);
    const svg = lineChart('a', [{ name: 'n', colour: '--train', points }], {
      width: 200,
      height: 100,
      fontSize: 10,
    });
    const line = /<path d="([^"]*)"[^>]*stroke="var\(--train\)"/.exec(svg)?.[1];
    expect(line?.match(/M/g)).toHaveLength(2);
  });

  const marksOf = (svg: string): string[] =>
    [...svg.matchAll(/>([^<]*)<\/text>/g)].map(([, mark = '']) => mark);
  const large = { width: 380, height: 230, fontSize: 13 };

  it.each([
    [1, ['1']],
    [3, ['1', '2', '3']],
    [20, ['5', '10', '15', '20']],
  ])('marks whole epochs, each once: %d', (count, expected) => {
    const points = Array.from({ length: count }, (_, i) => [i + 1, 0.5] as const);
    const lines = [{ name: 'n', colour: '--train', points }];
    const svg = lineChart('a', lines, { ...large, yMin: 0, yMax: 1, yInterval: 1, yLabel: () => 'y' });
    expect(marksOf(svg).filter((mark) => mark !== 'y')).toEqual(expected);
  });

  it('calls no two marks of a metric the same', async () => {
    const { training } = sampleReport();
    const epochs = training!.epochs.map((epoch, i) => ({ ...epoch, train: { accuracy: 0.88 + i / 2000 } }));
    const page = await renderReport({
      title: 'x',
      measures,
      training: { heldOut: 'test', epochs: epochs.map(({ validation: _, ...epoch }) => epoch) },
    });
    const marks = marksOf(page).filter((mark) => mark.endsWith('%'));
    expect(marks).toContain('88.2 %');
    expect(new Set(marks).size).toBe(marks.length);
  });
});

describe('numbers', () => {
  it('are written for people', () => {
    expect(compact(3_349_342)).toBe('3.35 M');
    expect(compact(528_359_040)).toBe('528 M');
    expect(compact(12)).toBe('12');
    expect(integer(3_349_342)).toBe('3,349,342');
    expect(percent(0.8512)).toBe('85.1 %');
    expect(milliseconds(12.3456)).toBe('12.3 ms');
    expect(bytes(1_500_000)).toBe('1.5 MB');
    expect([percent(null), integer(undefined), compact(Number.NaN)]).toEqual(['–', '–', '–']);
  });
});
