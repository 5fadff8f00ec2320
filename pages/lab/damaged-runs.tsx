// Runs whose files cannot be read any more: what is wrong with each, and how to be rid of it.
import type { DamagedRun } from '../../src/lab/calls.js';
import type { Lab } from './use-lab.js';

export interface DamagedRunsProps {
  readonly runs: readonly DamagedRun[];
  readonly lab: Lab;
}

export function DamagedRuns({ runs, lab }: DamagedRunsProps) {
  return (
    <section aria-labelledby="damaged">
      <h2 id="damaged">Damaged runs</h2>
      {runs.map(({ name, problem }) => (
        <article key={name} aria-label={name}>
          <h3>
            <span aria-hidden="true">⚠</span> {name}
          </h3>
          <pre class="failure">{problem}</pre>
          <p class="actions">
            <button type="button" onClick={() => lab.download(name)}>
              Download what is there
            </button>
            <button type="button" onClick={() => lab.remove(name)}>
              Remove
            </button>
          </p>
        </article>
      ))}
    </section>
  );
}
