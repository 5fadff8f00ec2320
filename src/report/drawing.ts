// What all charts have in common: drawn by ECharts without a browser, in the colours of the style sheet.
import { BarChart, LineChart, ScatterChart } from 'echarts/charts';
import { GridComponent } from 'echarts/components';
import { type EChartsCoreOption, init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import { tidy } from './svg-text.js';

use([BarChart, LineChart, ScatterChart, GridComponent, SVGRenderer]);

export interface ChartSize {
  /** Pixels of the drawing, before it is scaled. */
  readonly width: number;
  readonly height: number;
}

export const fontSize = 13;
/** About the width of a letter. */
export const letterWidth = 6.9;

/** The `<svg>` element. `id` keeps its clip paths apart from those of other charts on the page. */
export function drawn(id: string, { width, height }: ChartSize, option: EChartsCoreOption): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height });
  try {
    chart.setOption({ animation: false, textStyle: { fontFamily: 'inherit' }, ...option });
    return tidy(chart.renderToSVGString(), id);
  } finally {
    // Otherwise its clock keeps the process alive.
    chart.dispose();
  }
}

/** Of the marks of an axis. */
export const axisText = { color: 'var(--muted)', fontSize, hideOverlap: true };

/** Of text that lines may cross. */
export const halo = { textBorderColor: 'var(--page)', textBorderWidth: 3 };

/** Nothing on a page without scripts answers to a mouse. */
export const still = { silent: true, emphasis: { disabled: true } };
