// The runs in the browser's storage.
import type { LabRun, LabRunState } from '../../src/lab/calls.js';
import type { Going } from './lab-state.js';

const words: Readonly<Record<LabRunState, string>> = {
  running: '▶ running',
  stopped: '❚❚ stopped',
  finished: '✓ finished',
};

export interface RunListProps {
  readonly runs: readonly LabRun[];
  readonly shown: string | undefined;
  readonly going: Going | undefined;
  readonly show: (run: string) => Promise<void>;
}

export function RunList({ runs, shown, going, show }: RunListProps) {
  return (
    <section aria-labelledby="runs">
      <h2 id="runs">Runs in this browser</h2>
      <ul class="runs">
        {runs.map((run) => (
          <li key={run.name}>
            <button type="button" aria-pressed={run.name === shown} onClick={() => show(run.name)}>
              <b>{run.name}</b>
              <span class={run.state}>{words[run.state]}</span>
              <span class="muted">{run.summary}</span>
              <progress max={1} value={shareOf(run, going)} aria-label={`${run.name}: share that is done`} />
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** How much of a run is done. */
export function shareOf(run: LabRun, going: Going | undefined): number {
  if (run.state === 'finished') return 1;
  return going?.run === run.name ? Math.max(going.done, run.done / run.epochs) : run.done / run.epochs;
}
