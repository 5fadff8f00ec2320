// Line charts as SVG text, drawn by ECharts without a browser. Colours are the page's CSS variables, so one drawing serves
// light and dark. A chart scales to the width that it is given.
import { LineChart } from 'echarts/charts';
import { GridComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import type { Metric } from './data.js';
import { tidy } from './svg-text.js';

use([LineChart, GridComponent, SVGRenderer]);

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

/** The `<svg>` element of a chart over epochs. `id` keeps its clip paths apart from those of other charts on the page. */
export function lineChart(id: string, lines: readonly Line[], options: ChartOptions): string {
  const { width, height, fontSize, yMin, yMax, yWhole, yLabel, yInterval } = options;
  const epochs = lines.flatMap(({ points }) => points.map(([x]) => x));
  const label = { color: 'var(--muted)', fontSize, hideOverlap: true };
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height });
  try {
    chart.setOption({
      animation: false,
      textStyle: { fontFamily: 'inherit' },
      grid: { left: fontSize * 3.4, right: fontSize, top: fontSize * 0.8, bottom: fontSize * 1.9 },
      xAxis: {
        type: 'value',
        min: Math.min(...epochs),
        max: Math.max(...epochs, Math.min(...epochs) + 1),
        minInterval: 1,
        splitNumber: 5,
        splitLine: { show: false },
        axisLine: { lineStyle: { color: 'var(--rule)' } },
        axisTick: { show: false },
        // The first epoch is no round number, and would stand close to one.
        axisLabel: { ...label, showMinLabel: new Set(epochs).size < 5 },
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
        name,
        data: points.map(([x, y]) => [x, y ?? '-']),
        // A single point draws no line, so it needs its mark.
        showSymbol: points.length === 1,
        symbolSize: 5,
        silent: true,
        emphasis: { disabled: true },
        step: stepped === true ? ('middle' as const) : false,
        lineStyle: {
          color: `var(${colour})`,
          width: 1.8,
          type: dashed === true ? ('dashed' as const) : ('solid' as const),
        },
        itemStyle: { color: `var(${colour})` },
      })),
    });
    return tidy(chart.renderToSVGString(), id);
  } finally {
    // Otherwise its clock keeps the process alive.
    chart.dispose();
  }
}
