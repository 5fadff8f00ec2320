// Strip plots as SVG text: one row for each group, one dot for each value, and over them the mean with its interval. With
// few values nothing says more than the values themselves.
import { LineChart, ScatterChart } from 'echarts/charts';
import { GridComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import { tidy } from './svg-text.js';

use([LineChart, ScatterChart, GridComponent, SVGRenderer]);

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
  readonly label: (value: number) => string;
  /** A dashed vertical line, such as the mean of a baseline. */
  readonly reference?: number | undefined;
}

const width = 760;
const rowHeight = 44;
const axisHeight = 34;
const fontSize = 13;
/** About the width of a letter. */
const letterWidth = 7;
const longestName = 34;

/** Of a row's height: how far the dots of a row lie apart, and half the height of the marks at an interval's ends. */
const spread = 0.44;
const whisker = 0.12;

/** The `<svg>` element. `id` keeps its clip paths apart from those of other charts on the page. */
export function stripPlot(id: string, strips: readonly Strip[], { label, reference }: StripOptions): string {
  const names = strips.map(({ name }) =>
    name.length <= longestName ? name : `${name.slice(0, longestName - 1)}…`,
  );
  const height = strips.length * rowHeight + axisHeight;
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height });
  const line = (points: (readonly [number, number])[], colour: string, dashed = false) => ({
    type: 'line' as const,
    data: points.map((point) => [...point]),
    symbol: 'none',
    silent: true,
    emphasis: { disabled: true },
    lineStyle: {
      color: `var(${colour})`,
      width: dashed ? 1.2 : 2,
      type: dashed ? ('dashed' as const) : ('solid' as const),
    },
  });
  const dots = (points: (readonly [number, number])[], colour: string, symbol: string, size: number) => ({
    type: 'scatter' as const,
    data: points.map((point) => [...point]),
    symbol,
    symbolSize: size,
    silent: true,
    emphasis: { disabled: true },
    itemStyle: { color: `var(${colour})`, opacity: symbol === 'circle' ? 0.75 : 1 },
  });
  try {
    chart.setOption({
      animation: false,
      textStyle: { fontFamily: 'inherit' },
      grid: {
        left: Math.max(...names.map((name) => name.length), 4) * letterWidth + 14,
        right: 30,
        top: 4,
        bottom: axisHeight - 6,
      },
      xAxis: {
        type: 'value',
        scale: true,
        splitNumber: 6,
        axisLine: { lineStyle: { color: 'var(--rule)' } },
        axisTick: { show: false },
        splitLine: { lineStyle: { color: 'var(--rule)' } },
        axisLabel: { color: 'var(--muted)', fontSize, hideOverlap: true, formatter: label },
      },
      yAxis: {
        type: 'value',
        inverse: true,
        min: -0.5,
        max: strips.length - 0.5,
        interval: 0.5,
        axisLine: { show: false },
        axisTick: { show: false },
        splitLine: { show: false },
        axisLabel: { color: 'var(--ink)', fontSize, formatter: (row: number) => names[row] ?? '' },
      },
      series: [
        ...(reference === undefined
          ? []
          : [
              line(
                [
                  [reference, -0.5],
                  [reference, strips.length - 0.5],
                ],
                '--muted',
                true,
              ),
            ]),
        ...strips.flatMap(({ colour, values, mean, interval }, row) => [
          dots(
            values.map((value, index) => [value, row + offset(index, values.length)]),
            colour,
            'circle',
            9,
          ),
          ...(interval === undefined || interval === null
            ? []
            : [
                line(
                  [
                    [interval[0], row - whisker],
                    [interval[0], row + whisker],
                    [interval[0], row],
                    [interval[1], row],
                    [interval[1], row - whisker],
                    [interval[1], row + whisker],
                  ],
                  '--ink',
                ),
              ]),
          // It would hide a single dot.
          ...(mean === undefined || values.length === 1 ? [] : [dots([[mean, row]], '--ink', 'diamond', 12)]),
        ]),
      ],
    });
    return tidy(chart.renderToSVGString(), id);
  } finally {
    // Otherwise its clock keeps the process alive.
    chart.dispose();
  }
}

/** Equal values must not hide each other: the dots of a row lie one below the other, in the order of the values given. */
function offset(index: number, count: number): number {
  return count === 1 ? 0 : spread * (index / (count - 1) - 0.5);
}
