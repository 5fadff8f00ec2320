import { describe, expect, it } from 'vitest';
import type { BenchResults, Measurement } from '../../../../src/bench/results.js';
import { ratiosOf } from '../../../../src/bench/show/findings.js';
import { digits, intervalText, ratioText } from '../../../../src/bench/show/numbers.js';
import { benchPage } from '../../../../src/report/bench/page.js';
import { measurementOf, resultsOf } from '../../bench/results-case.js';
import {
  dartsModel,
  dataModel,
  noGpu,
  sampleResults,
  sixVariants,
  smallModel,
  twentyFour,
} from '../../bench/show/sample-results.js';

const sections = [
  'receipt',
  'latency',
  'trade-off',
  'ratios',
  'rounds',
  'time',
  'beside',
  'placement',
  'models',
  'configuration',
];
const one = sampleResults([{ model: dartsModel }], noGpu);
const six = sixVariants();
const many = twentyFour({ fallback: true });
const bare = resultsOf([
  measurementOf([[2]], { achieved: null, peakMemoryBytes: null, roofline: null, time: null }),
]);
const cases: [string, BenchResults][] = [
  ['one measurement', one],
  ['six', six],
  ['twenty-four', many],
  ['one without profile', bare],
];
const drawnPages = new Map<BenchResults, string>();
/** Each page once: the drawings take their time. */
const pageOf = (results: BenchResults): string => {
  const page = drawnPages.get(results) ?? benchPage(results);
  drawnPages.set(results, page);
  return page;
};
const sectionOf = (page: string, id: string): string =>
  page.split(`<section id="${id}">`)[1]?.split('</section>')[0] ?? '';
const count = (text: string, pattern: RegExp): number => (text.match(pattern) ?? []).length;

/** The elements that are not closed in their order; `void` ones have no end. */
function unclosed(markup: string): string[] {
  const open: string[] = [];
  const wrong: string[] = [];
  for (const [, end, name = '', rest = ''] of markup.matchAll(/<(\/?)([a-z][\w:]*)([^<>]*)>/gi)) {
    if (end === '/') {
      if (open.pop() !== name) wrong.push(name);
    } else if (!rest.endsWith('/') && !['meta', 'br'].includes(name)) open.push(name);
  }
  return [...wrong, ...open];
}

describe('benchPage', () => {
  it.each(cases)('of %s is a whole page, alone, and the same each time', (_, results) => {
    const page = pageOf(results);
    for (const id of sections) expect(page).toContain(`<section id="${id}">`);
    expect(unclosed(page.replace(/<style>.*?<\/style>/s, ''))).toEqual([]);
    const ids = [...page.matchAll(/ id="([^"]*)"/g)].map((match) => match[1]);
    expect(new Set(ids).size).toBe(ids.length);
    const addresses = (page.match(/https?:\/\/[^"\s]*/g) ?? []).filter(
      (address) => !['http://www.w3.org/2000/svg', 'http://www.w3.org/1999/xlink'].includes(address),
    );
    expect(addresses).toEqual([]);
    expect(page).not.toMatch(/<(?:script|link|img|iframe)\b|@import|\burl\((?!#)/);
    expect(page).not.toMatch(/NaN|Infinity|undefined/);
    expect(benchPage(results)).toBe(page);
  });

  it('shows the figures of every measurement', () => {
    const page = pageOf(many);
    const rows = sectionOf(page, 'latency').split('<tbody>')[1]?.split('</tr>') ?? [];
    many.measurements.forEach(({ summary, execution }, index) => {
      const cells = [...(rows[index] ?? '').matchAll(/<td[^>]*>([^<]*)<\/td>/g)].map((match) => match[1]);
      expect(cells.slice(1, 8)).toEqual([
        execution.asked,
        String(execution.batch),
        digits(summary.minimumMs),
        digits(summary.medianMs),
        digits(summary.p90Ms),
        digits(summary.p99Ms),
        digits(summary.imagesPerSecond),
      ]);
    });
    for (const { ratio } of ratiosOf(many)) {
      expect(sectionOf(page, 'latency')).toContain(
        `<td>${ratioText(ratio.ratio)}</td><td>${intervalText(ratio.interval)}</td>`,
      );
    }
    const [first] = many.measurements;
    expect(sectionOf(page, 'beside')).toContain(`<td>${digits(first?.achieved?.gflops)}</td>`);
    expect(sectionOf(page, 'models')).toContain(
      '<td>3,349,342</td><td>528,359,040</td><td>accuracy 97.24 %</td>',
    );
  });

  it('has the latencies apart from what there is beside', () => {
    expect(sectionOf(pageOf(six), 'latency')).not.toContain('session');
    expect(sectionOf(pageOf(six), 'beside')).not.toContain('median');
  });

  it('lists what could not be measured, with its error, and warns of it', () => {
    const candidate = { variant: 'folded', asked: 'cpu', optimization: 'all', threads: 2, batch: 8 } as const;
    const failure = { model: '<b>.onnx', candidate, code: null, message: 'No memory.\n  cure: take less' };
    const page = pageOf({ ...six, failures: [failure] });
    const text = sectionOf(page, 'failures');
    expect(text).toContain('&lt;b&gt;.onnx (folded, cpu, batch 8, 2 threads, level all)</td>');
    expect(text).toContain('No memory.<br>  cure: take less');
    expect(page).toContain('1 candidate could not be measured; the others were, without it.');
    expect(pageOf(six)).not.toContain('id="failures"');
  });

  it('begins a single measurement with its figures', () => {
    const page = pageOf(one);
    expect(page).toContain('<h1>Benchmark of darts-v2-cifar.onnx</h1>');
    expect(page).toContain(
      `<dt>Median latency, batch 1</dt><dd>${digits(one.measurements[0]?.summary.medianMs)} ms</dd>`,
    );
    expect(pageOf(six)).not.toContain('class="figures"');
  });

  it('has the receipt of the device', () => {
    const text = sectionOf(pageOf(one), 'receipt');
    expect(text).toContain('Platinum 8481C CPU @ 2.70GHz, 8 cores, 4 available');
    expect(text).toContain('avx512_vnni');
    expect(text).toContain('no NVIDIA GPU found');
    expect(text).toContain('212 GFLOP/s and 19.4 GB/s, measured here');
    expect(sectionOf(pageOf(many), 'receipt')).toContain(
      'A GPU, 8.0 GiB, compute capability 9.0, driver 550.54<br>CUDA',
    );
  });

  it('says where the nodes ran, and warns of what fell back', () => {
    const page = pageOf(many);
    expect(sectionOf(page, 'placement')).toContain('CUDAExecutionProvider: 603 nodes, ');
    expect(sectionOf(page, 'placement')).toContain('<br>20 MaxPool');
    expect(sectionOf(page, 'placement')).toContain('not known: the runtime gives no profile');
    expect(page).toContain('<li>Nodes fell back to the CPU for cuda (20 nodes)');
    expect(sectionOf(pageOf(many), 'placement')).toContain('copied within the latency');
    expect(sectionOf(pageOf(one), 'placement')).not.toMatch(/CPU fallback|copied/);
    const [apart] = sampleResults([{ model: dartsModel, provider: 'web-webgpu' }]).measurements;
    const copied = benchPage(resultsOf([{ ...apart!, hostCopyMs: 0.5 }]));
    expect(sectionOf(copied, 'placement')).toContain('copied apart');
    expect(sectionOf(copied, 'time')).not.toContain('the host');
  });
});

describe('the plots', () => {
  it('have a point and a name for each measurement', () => {
    const text = sectionOf(pageOf(six), 'trade-off');
    expect(text).toContain('<h2>Accuracy against latency</h2>');
    for (const name of ['as given', 'folded', 'folded, one relu', 'folded, int8'])
      expect(text).toContain(`>${name}</text>`);
    expect(count(text, /<svg/g)).toBe(1);
    const numbered = sectionOf(pageOf(many), 'trade-off');
    expect(count(numbered, /<svg/g)).toBe(2);
    expect(count(numbered, />12<\/text>/g)).toBe(2);
    expect(count(numbered, /<li class="muted">12 model\.onnx, web-wasm<\/li>/g)).toBe(1);
  });

  it('show what all models say of themselves: accuracy, else parameters, else multiply-adds, else nothing', () => {
    const titleWith = (changes: Partial<Measurement['model']>): string => {
      const [a, b] = sampleResults([{ model: dartsModel }, { model: dataModel }]).measurements;
      const changed = [a!, { ...b!, model: { ...b!.model, ...changes } }];
      return /<h2>([^<]*)<\/h2>/.exec(sectionOf(benchPage(resultsOf(changed)), 'trade-off'))?.[1] ?? '';
    };
    expect(titleWith({})).toBe('Accuracy against latency');
    expect(titleWith({ scores: {} })).toBe('Parameters against latency');
    expect(titleWith({ scores: {}, parameters: null })).toBe('Multiply-adds of an image against latency');
    expect(titleWith({ scores: {}, parameters: null, macs: null })).toBe('Cost against latency');
  });

  it('have a strip of rounds for each ratio of a batch', () => {
    const text = sectionOf(pageOf(six), 'ratios');
    // Twelve rounds of five candidates.
    expect(count(text, /<path[^>]*fill="var\(--train\)"/g)).toBe(60);
    expect(text).toContain('latency divided by that of as given');
    // An interval each, and the diamonds.
    expect(count(text, /<path[^>]*stroke="var\(--ink\)"/g)).toBe(5);
    expect(text).toContain('>0.9</text>');
    // From 0.018 to 2.6: marks where they say that they are, each once.
    const marks = sectionOf(pageOf(many), 'ratios').match(/(?<=>)[\d.]+(?=<\/text>)/g);
    expect(marks?.slice(0, 7)).toEqual(['0.02', '0.05', '0.1', '0.2', '0.5', '1', '2']);
    expect(sectionOf(pageOf(many), 'ratios')).toContain('id="ratios-64-');
    expect(sectionOf(pageOf(one), 'ratios')).toContain('Nothing to compare');
  });

  it('have the rounds of every measurement', () => {
    expect(count(sectionOf(pageOf(many), 'rounds'), /<figcaption>/g)).toBe(24);
    // The ninth round is 6 % slower.
    expect(sectionOf(pageOf(six), 'rounds')).toContain('>110 %</text>');
    expect(sectionOf(pageOf(bare), 'rounds')).toContain('>105 %</text>');
    expect(sectionOf(pageOf(one), 'rounds')).toContain(
      '<figcaption>darts-v2-cifar.onnx, 8.14 ms</figcaption>',
    );
  });

  it('have a mark at the middle round, and one above each, however long a round took', () => {
    const marksOf = (slowest: number): string[] => {
      const rounds = [[2], [2], [2], [2 * slowest]];
      const text = sectionOf(benchPage(resultsOf([measurementOf(rounds)])), 'rounds');
      return [...text.matchAll(/>(\d+) %<\/text>/g)].map(([, mark = '']) => mark);
    };
    expect(marksOf(1.8)).toEqual(['20', '100', '180']);
    expect(marksOf(2.5)).toEqual(['0', '100', '200', '300']);
    expect(marksOf(4.7)).toEqual(['0', '100', '200', '300', '400', '500']);
    expect(marksOf(30).at(-1)).toBe('3000');
    expect(marksOf(30).length).toBeLessThan(7);
  });

  it('cut time by operator, primitive and cell', () => {
    const text = sectionOf(pageOf(six), 'time');
    expect(count(text, /<svg/g)).toBe(3);
    expect(text).toMatch(/<\/i>Conv<\/li>.*<\/i>BatchNormalization<\/li>/s);
    expect(text).toMatch(/<\/i>max_pool_3x3<\/li>.*<\/i>sep_conv_3x3<\/li>.*<\/i>elsewhere<\/li>/s);
    expect(text).toContain('>8</text>');
    expect(text).toContain('ms</text>');
    // Far apart, in shares.
    expect(sectionOf(pageOf(many), 'time')).toContain('>75 %</text>');
    const [first] = six.measurements;
    const total = first?.time?.byOperator.reduce((sum, { timeMs }) => sum + timeMs, 0);
    expect(count(text, new RegExp(`>as given, ${digits(total)} ms</text>`, 'g'))).toBe(3);
  });

  it('make the same whole of every cut', () => {
    const part = (name: string, timeMs: number) => ({ name, nodes: 1, timeMs, timeShare: timeMs / 12 });
    const byOperator = Array.from({ length: 12 }, (_, index) => part(`Operator${index}`, 1));
    const time = {
      byOperator,
      byPrimitive: [part('sep_conv_3x3', 5), part('elsewhere', 7)],
      byCell: [part('cells.0', 12)],
    };
    const text = sectionOf(benchPage(resultsOf([measurementOf([[2]], { time })])), 'time');
    const widths = [...text.matchAll(/<svg.*?<\/svg>/gs)].map(([svg]) =>
      [...svg.matchAll(/<path d="M[\d. ]+l([\d.]+) 0[^>]*fill="var\(--p\d\)"/g)].reduce(
        (sum, match) => sum + Number(match[1]),
        0,
      ),
    );
    // But for the borders of the parts.
    for (const width of widths) expect(Math.abs(width - 382)).toBeLessThan(8);
    expect(widths).toHaveLength(3);
    expect(text).toContain('</i>other</li>');
  });

  it('give an operator one colour, and the rarest one together', () => {
    const some = sampleResults([
      { model: dartsModel, variant: 'folded' },
      { model: dartsModel, batch: 64 },
    ]);
    const text = sectionOf(benchPage(some), 'time');
    const legends = [...text.matchAll(/<ul class="legend">.*?<\/ul>/gs)].map(([legend]) => legend);
    expect(legends).toHaveLength(4);
    expect([legends[2], legends[3]]).toEqual([legends[0], legends[1]]);
    expect(legends[0]).toMatch(
      /^[^C]*<\/i>Conv<.*<\/i>BatchNormalization<.*--p0[^<]*<\/i>other<\/li><\/ul>$/s,
    );
  });

  it('say what has no profile, and what a profile of a device is', () => {
    expect(sectionOf(pageOf(bare), 'time')).toContain('The runtime gives no profile of model.onnx.');
    expect(sectionOf(pageOf(bare), 'time')).not.toContain('<svg');
    expect(sectionOf(pageOf(many), 'time')).toContain('The runtime gives no profile of web-wasm.');
    expect(sectionOf(pageOf(many), 'time')).toContain(
      'For cuda and tensorrt, these are the times that the host',
    );
    expect(sectionOf(pageOf(six), 'time')).not.toMatch(/no profile|the host/);
  });

  it('shorten long names, and keep the whole one', () => {
    const path = `a/${'x'.repeat(50)}-end.onnx`;
    const models = [{ ...smallModel, path }, dartsModel];
    const page = benchPage(
      sampleResults(
        models.map((model) => ({ model })),
        noGpu,
      ),
    );
    expect(sectionOf(page, 'latency')).toContain(`title="${'x'.repeat(50)}-end.onnx">${'x'.repeat(20)}…`);
    expect(sectionOf(page, 'time')).not.toContain('x'.repeat(50));
  });

  it('let nothing break out of its place', () => {
    const evil = `"'></text></svg></title></style><script>alert(1)</script>`;
    const cases = [{ model: { ...dartsModel, path: evil }, variant: evil }, { model: dartsModel }];
    const page = benchPage(sampleResults(cases, { tool: evil }));
    expect(page).not.toMatch(/<script/);
    expect(count(page, /<\/style>/g)).toBe(1);
    expect(count(page, /<\/title>/g)).toBe(1);
  });
});
