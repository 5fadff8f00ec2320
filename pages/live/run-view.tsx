// One run: its state, its curves, its architecture, its results, and what can be taken along.
import { Cells } from '../parts/cells.js';
import { Architecture } from './architecture.js';
import { CopyButton } from './copy-button.js';
import { Curves } from './curves.js';
import { drawCells } from './details.js';
import { ResultsTable } from './results-table.js';
import type { KnownRun } from './state.js';
import { StateBadge } from './state-badge.js';
import { describe, durationText, leftMs, progressText } from './words.js';

export function RunView({ run, nowMs }: { readonly run: KnownRun; readonly nowMs: number }) {
  const { info, last, epochs } = run;
  const left = leftMs(run, nowMs);
  const genotype = info.genotype ?? last.genotype;
  return (
    <article>
      <h2>{info.name || info.kind}</h2>
      <p class="subtitle">
        {info.kind === 'search' ? 'Search' : 'Training'}: {describe(info)}
      </p>
      <p class="status">
        <StateBadge state={info.state} />
        <progress max={Math.max(1, info.epochs)} value={epochs} aria-label="epochs done" />
        <span>
          {progressText(run)}
          {left === undefined ? '' : `, about ${durationText(left)} left`}
          {info.state === 'done' ? '' : `; last epoch ${durationText(nowMs - info.changedAt)} ago`}
        </span>
      </p>
      {info.failure !== undefined && (
        <pre class="failure" role="alert">
          {info.failure.message}
        </pre>
      )}
      {last.warnings.length > 0 && (
        <ul class="warnings" role="note">
          {last.warnings.map((warning) => (
            <li key={warning}>{warning}</li>
          ))}
        </ul>
      )}
      <p class="actions">
        {genotype !== undefined && <CopyButton text={genotype} label="Copy genotype" />}
        <a class="button" href={`./report?run=${info.id}`} download="report.html">
          Save as HTML
        </a>
        <a class="button" href={`./runs/${info.id}/zip`} download>
          Download the run
        </a>
      </p>
      {info.results !== undefined && <ResultsTable runs={[run]} />}
      {epochs === 0 ? (
        <p class="muted">Its first epoch is not over yet.</p>
      ) : (
        <section aria-labelledby="curves">
          <h3 id="curves">Curves</h3>
          <Curves run={run} />
        </section>
      )}
      {info.kind === 'search' ? (
        <Architecture run={run} />
      ) : (
        genotype !== undefined && (
          <section aria-labelledby="genotype">
            <h3 id="genotype">Genotype</h3>
            <Cells genotype={genotype} draw={drawCells} />
          </section>
        )
      )}
      {genotype !== undefined && (
        <details>
          <summary>Genotype as text</summary>
          <pre>{genotype}</pre>
        </details>
      )}
      <details>
        <summary>Configuration</summary>
        <table class="configuration">
          <tbody>
            {Object.entries(info.settings).map(([name, value]) => (
              <tr key={name}>
                <td>{name}</td>
                <td>{value}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </article>
  );
}
