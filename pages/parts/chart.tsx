// A line chart over epochs that grows while one looks, in the colours of reports.
import { useEffect, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import './chart.css';
import { colourOf, onScheme } from './colours.js';
import { inTurn, outOfTurn } from './in-turn.js';

export interface Series {
  readonly name: string;
  /** A variable of the style sheet, `--train`. */
  readonly colour: string;
  /** One for each epoch. */
  readonly values: readonly (number | null)[];
  readonly dash?: readonly number[] | undefined;
  readonly stepped?: boolean | undefined;
}

export interface ChartProps {
  readonly title: string;
  readonly series: readonly Series[];
  /** Changes whenever the values of the series have. */
  readonly revision: number | string;
  readonly format: (value: number) => string;
  readonly yMin?: number | undefined;
  readonly yMax?: number | undefined;
  /** Only whole numbers mean anything. */
  readonly whole?: boolean;
}

const heightPx = 200;
const font = '13px system-ui, "Segoe UI", Roboto, sans-serif';
/** Beyond that a list of names is longer than the chart. */
const mostNames = 10;
const wholeSteps = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000];

export function Chart({ title, series, revision, format, yMin, yMax, whole = false }: ChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const [at, setAt] = useState<number | undefined>(undefined);
  const latest = useRef({ series, format });
  latest.current = { series, format };
  const look = series
    .map(({ name, colour, dash, stepped }) => [name, colour, dash, stepped].join())
    .join(';');

  // A chart of other series is another chart; what their values become follows below.
  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const drawing = { whole, yMin, yMax, format: (y: number) => latest.current.format(y) };
    const observer = new ResizeObserver(() => {
      if (element.clientWidth > 0) plot.current?.setSize({ width: element.clientWidth, height: heightPx });
    });
    const stop = onScheme(() => plot.current?.redraw(false, true));
    inTurn(element, () => {
      const { series: own } = latest.current;
      const options = optionsOf({ ...drawing, series: own, width: element.clientWidth }, setAt);
      plot.current = new uPlot(options, aligned(own), element);
      observer.observe(element);
    });
    return () => {
      outOfTurn(element);
      stop();
      observer.disconnect();
      plot.current?.destroy();
      plot.current = undefined;
    };
  }, [look, whole, yMin, yMax]);

  // Values change in place, which the revision tells.
  useEffect(() => {
    const element = place.current;
    if (element !== null && plot.current !== undefined)
      inTurn(element, () => plot.current?.setData(aligned(latest.current.series)));
  }, [revision]);

  const epochs = Math.max(0, ...series.map(({ values }) => values.length));
  const values = series.map(({ name, values: own }) => `${name} ${valueText(valueAt(own, at), format)}`);
  return (
    <figure class="chart">
      <h4>{title}</h4>
      <div
        ref={place}
        role="img"
        aria-label={`${title} by epoch. At epoch ${epochs}: ${values.slice(0, mostNames).join(', ')}.`}
      />
      {series.length <= mostNames && (
        <ul class="legend" aria-hidden="true">
          {series.map(({ name, colour, dash, values: own }) => (
            <li key={name}>
              <i class={dash === undefined ? '' : 'dashed'} style={{ borderColor: `var(${colour})` }} />
              {name} <b>{valueText(valueAt(own, at), format)}</b>
            </li>
          ))}
        </ul>
      )}
    </figure>
  );
}

/** At an epoch that somebody points at, or the last that there is. */
function valueAt(values: Series['values'], at: number | undefined): number | null | undefined {
  return at === undefined ? values.findLast((value) => value !== null) : values[at];
}

function valueText(value: number | null | undefined, format: (value: number) => string): string {
  return value === null || value === undefined ? '–' : format(value);
}

function aligned(series: readonly Series[]): uPlot.AlignedData {
  const epochs = Math.max(0, ...series.map(({ values }) => values.length));
  const x = Array.from({ length: epochs }, (_, index) => index + 1);
  return [x, ...series.map(({ values }) => Array.from({ length: epochs }, (_, i) => values[i] ?? null))];
}

interface Drawing extends Pick<ChartProps, 'series' | 'whole' | 'yMin' | 'yMax' | 'format'> {
  readonly width: number;
}

function optionsOf(
  { series, whole, yMin, yMax, width, format }: Drawing,
  point: (index: number | undefined) => void,
): uPlot.Options {
  const axis: uPlot.Axis = {
    font,
    stroke: () => colourOf('--muted'),
    grid: { stroke: () => colourOf('--rule'), width: 1 },
    ticks: { show: false },
  };
  return {
    width: Math.max(width, 50),
    height: heightPx,
    padding: [8, 12, 0, 0],
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, sync: { key: 'epochs' } },
    scales: {
      x: { time: false, range: (_, low, high) => (low === high ? [low - 0.5, high + 0.5] : [low, high]) },
      y: { range: (_, low, high) => rangeOf(low, high, yMin, yMax) },
    },
    axes: [
      { ...axis, grid: { show: false }, incrs: wholeSteps, space: 40, size: 28, gap: 4 },
      {
        ...axis,
        ...(whole ? { incrs: wholeSteps } : {}),
        space: 34,
        gap: 4,
        size: 60,
        values: (_, marks) => marks.map((mark) => format(mark)),
      },
    ],
    series: [
      {},
      ...series.map(
        ({ name, colour, dash, stepped }): uPlot.Series => ({
          label: name,
          stroke: () => colourOf(colour),
          width: 1.8,
          spanGaps: true,
          ...(dash === undefined ? {} : { dash: [...dash] }),
          ...(stepped === true && uPlot.paths.stepped !== undefined
            ? { paths: uPlot.paths.stepped({ align: 1 }) }
            : {}),
          points: { show: (u) => (u.data[0]?.length ?? 0) < 2, size: 6 },
        }),
      ),
    ],
    hooks: { setCursor: [({ cursor }) => point(cursor.idx ?? undefined)] },
  };
}

/** A little room above and below, as far as nothing else is said. */
function rangeOf(
  low: number | null,
  high: number | null,
  yMin: number | undefined,
  yMax: number | undefined,
): [number, number] {
  const [least, most] = [low ?? 0, high ?? 1];
  const room = (most - least || Math.abs(most) || 1) * 0.06;
  return [yMin ?? least - room, yMax ?? most + room];
}
