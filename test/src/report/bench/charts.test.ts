import { describe, expect, it } from 'vitest';
import { stackedBars } from '../../../../src/report/bench/bars.js';
import { type ScatterPoint, scatterPlot } from '../../../../src/report/bench/scatter.js';

interface Drawn {
  readonly x: number;
  readonly y: number;
}

/** Where the texts of a drawing stand. */
function textsOf(svg: string): Map<string, Drawn> {
  const found = svg.matchAll(/<text\b([^>]*)>([^<]*)<\/text>/g);
  return new Map(
    [...found].map(([, attributes = '', text = '']) => {
      const [, x = '0', y = '0'] = /translate\(([-\d.]+)[ ,]+([-\d.]+)\)/.exec(attributes) ?? [];
      const number = (name: string): number =>
        Number(new RegExp(` ${name}="([-\\d.]+)"`).exec(attributes)?.[1] ?? 0);
      return [text, { x: Number(x) + number('x'), y: Number(y) + number('y') }];
    }),
  );
}

/** The centres of the dots; the ends of whiskers are symbols too, and come before. */
function dotsOf(svg: string, count: number): Drawn[] {
  const marks = [...svg.matchAll(/<path\b[^>]*fill="var\(--train\)"[^>]*>/g)].map(([mark]) => mark);
  return marks.slice(-count).map((mark) => {
    const [, place = ''] = /transform="(?:matrix|translate)\(([^)]*)\)"/.exec(mark) ?? [];
    const [x = 0, y = 0] = place.split(/[ ,]+/).map(Number).slice(-2);
    return { x, y };
  });
}

describe('scatterPlot', () => {
  const point = (label: string, medianMs: number, y: number): ScatterPoint => ({
    label,
    medianMs,
    p90Ms: 1.1 * medianMs,
    y,
  });
  const options = {
    yLabel: (value: number) => `y ${value}`,
    yMark: (value: number) => `mark ${value}`,
    xMark: (ms: number) => `x ${Number(ms.toPrecision(3))}`,
  };

  it('draws latencies on a line, or on a logarithmic one where they lie far apart', () => {
    const ratioOf = (middle: number, last: number): number => {
      const points = [point('a', 1, 1), point('b', middle, 2), point('c', last, 3)];
      const [a, b, c] = dotsOf(scatterPlot('x', points, options), 3);
      return (c!.x - a!.x) / (b!.x - a!.x);
    };
    expect(ratioOf(2, 5)).toBeCloseTo(4, 2);
    expect(ratioOf(10, 1000)).toBeCloseTo(3, 2);
    expect(scatterPlot('x', [point('a', 1, 1), point('b', 100, 2)], options)).toContain('>x 10</text>');
  });

  it('has the higher above, and each name next to its point', () => {
    const points = [point('low', 2, 0.2), point('high', 3, 0.8)];
    const svg = scatterPlot('x', points, options);
    const [low, high] = dotsOf(svg, 2);
    expect(high!.y).toBeLessThan(low!.y);
    const texts = textsOf(svg);
    for (const [name, dot] of [
      ['low', low!],
      ['high', high!],
    ] as const) {
      const at = texts.get(name)!;
      expect(dot.y - at.y).toBeGreaterThan(6);
      expect(dot.y - at.y).toBeLessThan(25);
      expect(Math.abs(at.x - dot.x)).toBeLessThan(25);
    }
  });

  it('has the number itself where there is one height', () => {
    const flat = scatterPlot('x', [point('a', 2, 0.123), point('b', 3, 0.123)], options);
    expect(flat.match(/>y [^<]*<\/text>/g)).toEqual(['>y 0.123</text>']);
    expect(flat).not.toContain('>mark');
    const heights = scatterPlot('x', [point('a', 2, 0.12), point('b', 3, 0.18)], options);
    expect(heights).toMatch(/>mark 0\.1\d*<\/text>/);
    expect(heights).not.toContain('>y ');
  });
});

describe('stackedBars', () => {
  const parts = [
    { name: 'one', colour: '--p1', mark: '7' },
    { name: 'two', colour: '--p2', mark: '8' },
  ];
  const bars = [
    { name: 'first', values: [3, 1] },
    { name: 'second', values: [2, 0.02] },
  ];
  const svg = stackedBars('x', parts, bars, { highest: 4, label: String });
  const widthsOf = (colour: string): number[] =>
    [...svg.matchAll(new RegExp(`<path d="M[\\d. ]+l([\\d.]+) 0[^>]*fill="var\\(${colour}\\)"`, 'g'))].map(
      (match) => Number(match[1]),
    );

  it('cuts each bar as its values say', () => {
    const [three = 0, two = 0] = widthsOf('--p1');
    const [one = 0] = widthsOf('--p2');
    expect(three / one).toBeCloseTo(3, 1);
    expect(three / two).toBeCloseTo(1.5, 2);
    // The whole width, but for its margins.
    expect(three + one).toBeGreaterThan(370);
  });

  it('has the names above the bars, and marks in those that are wide enough', () => {
    const texts = textsOf(svg);
    const tops = [...svg.matchAll(/<path d="M[\d.]+ ([\d.]+)l[^>]*fill="var\(--p1\)"/g)].map((match) =>
      Number(match[1]),
    );
    // The middle of a line of 13 pixels.
    expect(texts.get('first')!.y + 6).toBeLessThan(tops[0]!);
    expect(texts.get('second')!.y + 6).toBeLessThan(tops[1]!);
    expect(texts.get('second')!.y - 6).toBeGreaterThan(tops[0]! + 16);
    expect(svg.match(/>7<\/text>/g)).toHaveLength(2);
    expect(svg.match(/>8<\/text>/g)).toHaveLength(1);
  });
});
