// Every run with its state: where one is chosen, or several to be compared.
import { useMemo } from 'preact/hooks';
import { printRoute, type Route } from './routes.js';
import type { KnownRun } from './state.js';
import { StateBadge } from './state-badge.js';
import { durationText, headlineOf, leftMs, progressText } from './words.js';

export interface RunListProps {
  readonly runs: readonly KnownRun[];
  readonly route: Route;
  readonly chosen: ReadonlySet<string>;
  readonly choose: (id: string, isChosen: boolean) => void;
  /** The server's time. */
  readonly nowMs: number;
}

export function RunList({ runs, route, chosen, choose, nowMs }: RunListProps) {
  return (
    <ul class="runs">
      {runs.map((run) => {
        const { id } = run.info;
        return (
          <Row
            key={id}
            run={run}
            isShown={route.view === 'run' && route.id === id}
            isChosen={chosen.has(id)}
            choose={choose}
            left={leftMs(run, nowMs)}
          />
        );
      })}
    </ul>
  );
}

interface RowProps {
  readonly run: KnownRun;
  readonly isShown: boolean;
  readonly isChosen: boolean;
  readonly choose: RunListProps['choose'];
  readonly left: number | undefined;
}

function Row({ run, isShown, isChosen, choose, left }: RowProps) {
  const { info, epochs, bytes } = run;
  const leftText = left === undefined ? '' : `, ${durationText(left)} left`;
  // Most rows are as they were.
  // A run changes in place, which its bytes tell.
  return useMemo(
    () => (
      <li class={isShown ? 'shown' : ''}>
        <input
          type="checkbox"
          checked={isChosen}
          aria-label={`compare ${info.name || 'this run'}`}
          onChange={({ currentTarget }) => choose(info.id, currentTarget.checked)}
        />
        <a href={printRoute({ view: 'run', id: info.id })} aria-current={isShown ? 'page' : undefined}>
          <span class="name">{info.name || info.kind}</span>
          <StateBadge state={info.state} />
          <progress max={Math.max(1, info.epochs)} value={epochs} aria-label="epochs done" />
          <span class="muted small">
            {progressText(run)}
            {leftText}
          </span>
          <span class="muted small">{headlineOf(run)}</span>
        </a>
      </li>
    ),
    [info, epochs, bytes, isShown, isChosen, choose, leftText],
  );
}
