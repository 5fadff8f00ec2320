// Line charts as SVG text. Colours are the page's CSS variables, so one drawing serves light and dark. A chart scales to the
// width that it is given.
import { wholeMarks } from './axis-marks.js';
import type { Metric } from './data.js';
import { drawn, still } from './drawing.js';

export interface Line {
  readonly name: string;
  /** Of the style sheet, such as `--train`. */
  readonly colour: string;
  readonly points: readonly (readonly [x: number, y: Metric])[];
  readonly dashed?: boolean;
  readonly stepped?: boolean;
}

export interface ChartOptions {
  /** Pixels of the drawing, before it is scaled. */
  readonly width: number;
  readonly height: number;
  readonly fontSize: number;
  readonly yMin?: number | undefined;
  readonly yMax?: number | undefined;
  /** A tick at every whole number only. */
  readonly yWhole?: boolean;
  readonly yLabel?: (value: number) => string;
  /** Distance of the marks of the vertical axis; otherwise round numbers, about four. */
  readonly yInterval?: number;
}

/** More marks along the epochs only crowd a chart. */
const mostMarks = 8;

/** The `<svg>` element of a chart over epochs. `id` keeps its clip paths apart from those of other charts on the page. */
export function lineChart(id: string, lines: readonly Line[], options: ChartOptions): string {
  const { width, height, fontSize, yMin, yMax, yWhole, yLabel, yInterval } = options;
  const epochs = lines.flatMap(({ points }) => points.map(([x]) => x));
  const [first, last] = [Math.min(...epochs), Math.max(...epochs)];
  // A single epoch stands in the middle.
  const beside = first === last ? 0.5 : 0;
  const sides = { left: fontSize * 3.4, right: fontSize };
  const markWidth = fontSize * (0.6 * String(last).length + 0.8);
  const room = Math.floor((width - sides.left - sides.right) / markWidth);
  const label = { color: 'var(--muted)', fontSize, hideOverlap: true };
  return drawn(
    id,
    { width, height },
    {
      grid: {
        ...sides,
        top: fontSize * 0.8,
        bottom: fontSize * 1.9,
        // Labels that are longer than the margin push the axis: a little more, as some fonts are wider than others.
        outerBounds: { left: fontSize * 0.6, right: 0, top: 0, bottom: 0 },
      },
      xAxis: {
        type: 'value',
        min: first - beside,
        max: last + beside,
        splitLine: { show: false },
        axisLine: { lineStyle: { color: 'var(--rule)' } },
        axisTick: { show: false },
        axisLabel: { ...label, customValues: wholeMarks(first, last, Math.min(mostMarks, room)) },
      },
      yAxis: {
        type: 'value',
        scale: yMin === undefined,
        splitNumber: 4,
        ...(yInterval === undefined ? {} : { interval: yInterval }),
        ...(yMin === undefined ? {} : { min: yMin }),
        ...(yMax === undefined ? {} : { max: yMax }),
        ...(yWhole === true ? { minInterval: 1 } : {}),
        axisLine: { show: false },
        axisTick: { show: false },
        splitLine: { lineStyle: { color: 'var(--rule)' } },
        axisLabel: yLabel === undefined ? label : { ...label, formatter: yLabel },
      },
      series: lines.map(({ name, colour, points, dashed, stepped }) => ({
        type: 'line' as const,
        ...still,
        name,
        data: points.map(([x, y]) => [x, y ?? '-']),
        // A single point draws no line, so it needs its mark.
        showSymbol: points.length === 1,
        symbolSize: 5,
        step: stepped === true ? ('middle' as const) : false,
        lineStyle: {
          color: `var(${colour})`,
          width: 1.8,
          type: dashed === true ? ('dashed' as const) : ('solid' as const),
        },
        itemStyle: { color: `var(${colour})` },
      })),
    },
  );
}
