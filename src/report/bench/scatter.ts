// What a model is worth against what it takes: points of a cost or an accuracy over the median latency, each with a
// whisker up to p90 and a name beside it.
import { logarithmicMarks } from '../axis-marks.js';
import { axisText, drawn, fontSize, halo, letterWidth, still } from '../drawing.js';
import { labelOffsets, type Place } from './point-labels.js';

export interface ScatterPoint {
  /** Short: it stands beside the point. */
  readonly label: string;
  readonly medianMs: number;
  readonly p90Ms: number;
  readonly y: number;
}

export interface ScatterOptions {
  /** Where all points are at one height. */
  readonly yLabel: (value: number) => string;
  /** Of the marks of the axes. */
  readonly yMark: (value: number) => string;
  readonly xMark: (milliseconds: number) => string;
}

const width = 400;
/** Of the drawing, with points at different heights, and with all at one. */
const tall = 320;
const flat = 200;
const margins = { left: 62, right: 16, top: 16, bottom: 48 };
/** Latencies further apart than this many times are drawn on a logarithmic axis. */
const widestLinear = 6;
const dotSize = 9;

type Range = readonly [low: number, high: number];

/** The `<svg>` element; `points` are not empty. */
export function scatterPlot(id: string, points: readonly ScatterPoint[], options: ScatterOptions): string {
  const fastest = Math.min(...points.map(({ medianMs }) => medianMs));
  const slowest = Math.max(...points.map(({ p90Ms }) => p90Ms));
  const isLogarithmic = slowest > widestLinear * fastest;
  const scaled = (ms: number): number => (isLogarithmic ? Math.log10(ms) : ms);
  const xRange = padded(scaled(fastest), scaled(slowest));
  const heights = [...new Set(points.map(({ y }) => y))];
  const yRange = padded(Math.min(...heights), Math.max(...heights));
  const height = heights.length === 1 ? flat : tall;
  return drawn(
    id,
    { width, height },
    {
      grid: margins,
      xAxis: xAxis(xRange, isLogarithmic, options),
      yAxis: yAxis(yRange, heights, options),
      series: seriesOf(points, scaled, offsetsOf(points, scaled, xRange, yRange, height)),
    },
  );
}

function xAxis([min, max]: Range, isLogarithmic: boolean, { xMark }: ScatterOptions): object {
  return {
    type: 'value',
    min,
    max,
    splitNumber: 5,
    name: `median latency, ms${isLogarithmic ? ' (logarithmic)' : ''}; the bar ends at p90`,
    nameLocation: 'middle',
    nameGap: 30,
    nameTextStyle: { color: 'var(--muted)', fontSize },
    axisLine: { onZero: false, lineStyle: { color: 'var(--rule)' } },
    axisTick: { show: false },
    splitLine: { show: false },
    axisLabel: {
      ...axisText,
      ...(isLogarithmic ? { customValues: logarithmicMarks(10 ** min, 10 ** max).map(Math.log10) } : noEnds),
      formatter: (value: number) => xMark(isLogarithmic ? 10 ** value : value),
    },
  };
}

function yAxis([min, max]: Range, heights: readonly number[], { yLabel, yMark }: ScatterOptions): object {
  const isFlat = heights.length === 1;
  return {
    type: 'value',
    min,
    max,
    splitNumber: 4,
    axisLine: { show: false },
    axisTick: { show: false },
    splitLine: { show: !isFlat, lineStyle: { color: 'var(--rule)' } },
    axisLabel: {
      ...axisText,
      // One height needs no scale, but its own number.
      ...(isFlat ? { customValues: heights } : noEnds),
      formatter: isFlat ? yLabel : yMark,
    },
  };
}

/** The ends of an axis are no round numbers. */
const noEnds = { showMinLabel: false, showMaxLabel: false };

function seriesOf(
  points: readonly ScatterPoint[],
  scaled: (ms: number) => number,
  offsets: readonly Place[],
): object[] {
  const itemStyle = { color: 'var(--train)' };
  const whiskers = points.map(({ medianMs, p90Ms, y }) => ({
    type: 'line',
    ...still,
    symbol: 'none',
    data: [
      [scaled(medianMs), y],
      [scaled(p90Ms), y],
    ],
    lineStyle: { ...itemStyle, width: 1.8, opacity: 0.7 },
  }));
  const ends = {
    type: 'scatter',
    ...still,
    symbol: 'rect',
    symbolSize: [1.8, 9],
    data: points.map(({ p90Ms, y }) => [scaled(p90Ms), y]),
    itemStyle,
  };
  const dots = {
    type: 'scatter',
    ...still,
    symbol: 'circle',
    symbolSize: dotSize,
    itemStyle,
    data: points.map(({ medianMs, y, label }, index) => ({
      value: [scaled(medianMs), y],
      label: {
        show: true,
        // From the upper left corner of the dot.
        position: [dotSize / 2 + (offsets[index]?.x ?? 0), dotSize / 2 + (offsets[index]?.y ?? 0)],
        align: 'left',
        verticalAlign: 'top',
        formatter: () => label,
        color: 'var(--ink)',
        opacity: 1,
        fontSize,
        ...halo,
      },
    })),
  };
  return [...whiskers, ends, dots];
}

function offsetsOf(
  points: readonly ScatterPoint[],
  scaled: (ms: number) => number,
  xRange: Range,
  yRange: Range,
  height: number,
): Place[] {
  const plot = {
    x: margins.left,
    y: margins.top,
    width: width - margins.left - margins.right,
    height: height - margins.top - margins.bottom,
  };
  const share = (value: number, [low, high]: Range): number => (value - low) / (high - low);
  const pixel = (ms: number, y: number): Place => ({
    x: plot.x + share(scaled(ms), xRange) * plot.width,
    y: plot.y + (1 - share(y, yRange)) * plot.height,
  });
  const labelled = points.map(({ label, medianMs, p90Ms, y }) => ({
    at: pixel(medianMs, y),
    end: pixel(p90Ms, y),
    width: label.length * letterWidth,
  }));
  return labelOffsets(labelled, plot, dotSize);
}

/** Room for labels on both sides; a single value stands in the middle. */
function padded(low: number, high: number): Range {
  const margin = 0.15 * (high - low || Math.abs(low) || 1);
  return [low - margin, high + margin];
}
