// The networks of a table with one seed, a square each: how far they are, and how good, in a few steps of one colour. Of each step
// there is one path, however many networks it has.
import { levelOf } from './table-drawing.js';

export interface NetworkMapProps {
  readonly title: string;
  /** Null for one that is not trained yet. */
  readonly scores: readonly (number | null)[];
  /** Places of those that failed. */
  readonly failed: readonly number[];
  readonly range: readonly [number, number];
  readonly better: 'higher' | 'lower';
}

/** Squares side by side, each of a unit with room around it. */
const columns = 50;
const room = 0.1;

export function NetworkMap({ title, scores, failed, range, better }: NetworkMapProps) {
  const across = Math.min(columns, Math.max(10, scores.length));
  const paths = new Map<string, string>();
  const bad = new Set(failed);
  scores.forEach((score, place) => {
    const kind = bad.has(place) ? 'failed' : score === null ? 'waiting' : levelOf(score, range, better);
    const [x, y] = [place % across, Math.floor(place / across)];
    const side = 1 - 2 * room;
    const square = `M${x + room} ${y + room}h${side}v${side}h${-side}z`;
    // A form of its own, so that colour alone tells nothing.
    const cross = `M${x + room} ${y + room}l${side} ${side}m0 ${-side}l${-side} ${side}`;
    paths.set(kind, (paths.get(kind) ?? '') + (kind === 'failed' ? cross : square));
  });
  const done = scores.filter((score) => score !== null).length;
  return (
    <figure>
      <figcaption>
        {title}: {done} of {scores.length}
        {failed.length > 0 ? `, ${failed.length} failed` : ''}
      </figcaption>
      <svg
        class="network-map"
        viewBox={`0 0 ${across} ${Math.max(1, Math.ceil(scores.length / across))}`}
        role="img"
        aria-label={`${title}: ${done} of ${scores.length} networks trained`}
      >
        {[...paths].map(([kind, d]) => (
          <path key={kind} class={kind} d={d} />
        ))}
      </svg>
    </figure>
  );
}
