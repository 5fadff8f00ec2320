// Stacked horizontal bars: one for each measurement, its name above it, cut into the parts that its time is made of.
import { axisText, drawn, fontSize, letterWidth, still } from '../drawing.js';

export interface BarPart {
  readonly name: string;
  /** A variable of the style sheet. */
  readonly colour: string;
  readonly opacity?: number;
  /** Written into a segment that is about wide enough for it. */
  readonly mark?: string;
}

export interface Bar {
  readonly name: string;
  /** One for each part. */
  readonly values: readonly number[];
}

export interface BarOptions {
  /** The axis goes from 0 up to here. */
  readonly highest: number;
  readonly label: (value: number) => string;
  /** Distance of the marks, up to the highest; otherwise round numbers below it. */
  readonly interval?: number | undefined;
}

const width = 400;
const rowHeight = 44;
const barHeight = 17;
/** Of the marks in segments. */
const markSize = 11.5;
const markLetterWidth = 6.4;
const axisHeight = 28;
/** The name of the first bar ends above its row. */
const top = 8;
const margin = { left: 2, right: 16 };
/** So many letters of a name fit above a bar. */
export const longestBarName = Math.floor((width - 10) / letterWidth);

/** The `<svg>` element. */
export function stackedBars(
  id: string,
  parts: readonly BarPart[],
  bars: readonly Bar[],
  { highest, label, interval }: BarOptions,
): string {
  const pixels = (value: number): number => (value / highest) * (width - margin.left - margin.right);
  return drawn(
    id,
    { width, height: bars.length * rowHeight + top + axisHeight - 4 },
    {
      grid: { ...margin, top, bottom: axisHeight - 4 },
      xAxis: {
        type: 'value',
        min: 0,
        max: highest,
        splitNumber: 4,
        ...(interval === undefined ? {} : { interval }),
        axisLine: { show: false },
        axisTick: { show: false },
        splitLine: { lineStyle: { color: 'var(--rule)' } },
        axisLabel: {
          ...axisText,
          formatter: label,
          showMaxLabel: interval !== undefined,
          alignMinLabel: 'left',
          alignMaxLabel: 'right',
        },
      },
      yAxis: {
        type: 'category',
        inverse: true,
        data: bars.map(({ name }) => name),
        z: 10,
        axisLine: { show: false },
        axisTick: { show: false },
        axisLabel: {
          inside: true,
          margin: 0,
          interval: 0,
          align: 'left',
          verticalAlign: 'bottom',
          // Above the bar, which lies in the middle of its row.
          padding: [0, 0, barHeight / 2 + 3, 0],
          color: 'var(--ink)',
          fontSize,
        },
      },
      series: parts.map(({ name, colour, opacity = 1, mark }, part) => ({
        type: 'bar' as const,
        ...still,
        name,
        stack: 'time',
        barWidth: barHeight,
        itemStyle: { color: `var(${colour})`, opacity, borderColor: 'var(--page)', borderWidth: 0.6 },
        data: bars.map(({ values }) => {
          const value = values[part] ?? 0;
          const isWide = mark !== undefined && pixels(value) > mark.length * markLetterWidth + 3;
          return {
            value,
            ...(isWide
              ? {
                  label: {
                    show: true,
                    position: 'inside',
                    formatter: () => mark,
                    color: 'var(--page)',
                    fontSize: markSize,
                  },
                }
              : {}),
          };
        }),
      })),
    },
  );
}
