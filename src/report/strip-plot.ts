// Strip plots as SVG text: one row for each group, its name above it, one dot for each value, and over them the mean with
// its interval. With few values nothing says more than the values themselves.
import { logarithmicMarks } from './axis-marks.js';
import { axisText, drawn, fontSize, halo, letterWidth, still } from './drawing.js';

export interface Strip {
  readonly name: string;
  /** A variable of the style sheet, such as `--train`. */
  readonly colour: string;
  /** Finite numbers. */
  readonly values: readonly number[];
  readonly mean?: number | undefined;
  readonly interval?: readonly [low: number, high: number] | null | undefined;
}

export interface StripOptions {
  /** Of a mark of the axis. */
  readonly label: (value: number) => string;
  /** A dashed vertical line, such as the mean of a baseline. */
  readonly reference?: number | undefined;
  /** Marks at whole numbers only. */
  readonly whole?: boolean;
  /** All numbers are positive, and equal ratios take equal room. */
  readonly logarithmic?: boolean;
}

/** About what a phone has: drawn wider, its letters would be too small there. */
const width = 400;
const rowHeight = 54;
const axisHeight = 34;
const margin = 5;
/** Half of a mark's label stands beside the axis. */
const labelMargin = 14;
/** So many letters of a name fit above a row. */
export const longestStripName = Math.floor((width - 2 * margin) / letterWidth);

/** Of a row's height: its middle, below the name; how far its dots lie apart; half the height of an interval's ends. */
const middle = 0.18;
const spread = 0.4;
const whisker = 0.12;

type Point = readonly [x: number, y: number];

/** The `<svg>` element. `id` keeps its clip paths apart from those of other charts on the page. */
export function stripPlot(id: string, strips: readonly Strip[], options: StripOptions): string {
  const { reference, logarithmic } = options;
  const names = strips.map(({ name }) =>
    name.length <= longestStripName ? name : `${name.slice(0, longestStripName - 1)}…`,
  );
  const scaled = (value: number): number => (logarithmic === true ? Math.log10(value) : value);
  const rows = strips.map(({ colour, values, mean, interval }, row) => {
    const y = row + middle;
    return [
      dots(
        values.map((value, index) => [scaled(value), y + offset(index, values.length)]),
        colour,
        'circle',
        9,
      ),
      ...(interval === undefined || interval === null
        ? []
        : [bar([scaled(interval[0]), scaled(interval[1])], y)]),
      // It would hide a single dot.
      ...(mean === undefined || values.length === 1
        ? []
        : [dots([[scaled(mean), y]], '--ink', 'diamond', 12)]),
    ];
  });
  return drawn(
    id,
    { width, height: strips.length * rowHeight + axisHeight },
    {
      grid: {
        left: logarithmic === true ? labelMargin : margin,
        right: labelMargin,
        top: margin,
        bottom: axisHeight - margin,
      },
      xAxis: xAxis(strips, options),
      yAxis: {
        type: 'value',
        inverse: true,
        min: -0.5,
        max: strips.length - 0.5,
        interval: 0.5,
        z: 10,
        axisLine: { show: false },
        axisTick: { show: false },
        splitLine: { show: false },
        axisLabel: {
          customValues: names.map((_, row) => row),
          inside: true,
          margin: 0,
          align: 'left',
          verticalAlign: 'bottom',
          // Above the dots and the middle of the row.
          padding: [0, 0, 10, 0],
          color: 'var(--ink)',
          fontSize,
          ...halo,
          formatter: (row: number) => names[row] ?? '',
        },
      },
      series: [
        ...(reference === undefined ? [] : [referenceLine(scaled(reference), strips.length)]),
        ...rows.flat(),
      ],
    },
  );
}

function xAxis(strips: readonly Strip[], { label, reference, whole, logarithmic }: StripOptions): object {
  const common = {
    type: 'value',
    axisLine: { onZero: false, lineStyle: { color: 'var(--rule)' } },
    splitLine: { lineStyle: { color: 'var(--rule)' } },
  };
  if (logarithmic !== true) {
    return {
      ...common,
      scale: true,
      splitNumber: 5,
      ...(whole === true ? { minInterval: 1 } : {}),
      axisTick: { show: false },
      axisLabel: { ...axisText, alignMinLabel: 'left', alignMaxLabel: 'right', formatter: label },
    };
  }
  const all = strips.flatMap(({ values, interval }) => [...values, ...(interval ?? [])]);
  const known = [...all, ...(reference === undefined ? [] : [reference])].map(Math.log10);
  const beside = 0.05 * (Math.max(...known) - Math.min(...known));
  const [min, max] = [Math.min(...known) - beside, Math.max(...known) + beside];
  const customValues = logarithmicMarks(10 ** min, 10 ** max).map(Math.log10);
  return {
    ...common,
    min,
    max,
    axisTick: { customValues, lineStyle: { color: 'transparent' } },
    axisLabel: { ...axisText, customValues, formatter: (value: number) => label(10 ** value) },
  };
}

function dots(points: readonly Point[], colour: string, symbol: string, size: number): object {
  return {
    type: 'scatter',
    ...still,
    data: points.map((point) => [...point]),
    symbol,
    symbolSize: size,
    itemStyle: { color: `var(${colour})`, opacity: symbol === 'circle' ? 0.75 : 1 },
  };
}

function bar([low, high]: readonly [number, number], y: number): object {
  const points: readonly Point[] = [
    [low, y - whisker],
    [low, y + whisker],
    [low, y],
    [high, y],
    [high, y - whisker],
    [high, y + whisker],
  ];
  return line(points, { color: 'var(--ink)', width: 2 });
}

function referenceLine(x: number, rows: number): object {
  const ends: readonly Point[] = [
    [x, -0.5],
    [x, rows - 0.5],
  ];
  return line(ends, { color: 'var(--muted)', width: 1.2, type: 'dashed' });
}

function line(points: readonly Point[], lineStyle: object): object {
  return { type: 'line', ...still, data: points.map((point) => [...point]), symbol: 'none', lineStyle };
}

/** Equal values must not hide each other: the dots of a row lie one below the other, in the order of the values given. */
function offset(index: number, count: number): number {
  return count === 1 ? 0 : spread * (index / (count - 1) - 0.5);
}
