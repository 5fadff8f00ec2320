// How values are spread: a bar for each of some equal intervals.
import { bins, countsOf } from './table-drawing.js';

export interface SpreadProps {
  readonly title: string;
  readonly values: readonly number[];
  readonly format: (value: number) => string;
}

/** Of the drawing; the style sheet says how high it is shown. */
const tall = 90;

export function Spread({ title, values, format }: SpreadProps) {
  const counts = countsOf(values);
  const most = Math.max(...counts);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return (
    <figure class="spread">
      <svg
        viewBox={`0 0 ${bins} ${tall}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${title}: between ${format(low)} and ${format(high)}`}
      >
        {counts.map((count, at) => {
          const height = (tall * count) / most;
          return <rect key={at} x={at + 0.05} y={tall - height} width={0.9} height={height} />;
        })}
      </svg>
      <figcaption>
        <span>{format(low)}</span>
        <span>{title}</span>
        <span>{format(high)}</span>
      </figcaption>
    </figure>
  );
}
