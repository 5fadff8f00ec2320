// The run that is looked at: how far it is, what can be done with it, its curves, and what it is about.
import type { LabFacts, LabRun } from '../../src/lab/calls.js';
import { percent } from '../../src/report/format.js';
import { Cells } from '../parts/cells.js';
import { Architecture } from './architecture.js';
import { ClassifyPanel } from './classify-panel.js';
import { Curves } from './curves.js';
import { offerFile } from './offer-file.js';
import { shareOf } from './run-list.js';
import { TrainForm } from './train-form.js';
import type { Lab } from './use-lab.js';

export interface RunViewProps {
  readonly lab: Lab;
  readonly facts: LabFacts;
  readonly run: LabRun;
  readonly isBusy: boolean;
}

export function RunView({ lab, facts, run, isBusy }: RunViewProps) {
  const { epochs, going } = lab.state;
  const own = going?.run === run.name ? going : undefined;
  const { name, genotype } = run;
  const saveModel = async () => {
    const bytes = await lab.ask('model', name);
    if (bytes !== undefined) offerFile('model.onnx', bytes);
  };
  return (
    <article aria-labelledby="shown">
      <h2 id="shown">{name}</h2>
      <p class="muted">
        {run.kind === 'search' ? 'Search' : 'Training'}: {run.summary}; {run.madeIn}
      </p>
      <div class="status" role="status">
        <progress max={1} value={shareOf(run, own)} aria-label="share that is done" />
        <span>
          {statusText(run, own?.text)}
          {run.accuracy === undefined ? '' : `: it recognises ${percent(run.accuracy)} of the test images`}
        </span>
      </div>
      {own?.provider !== undefined && <p class="muted">{own.provider.reason}.</p>}
      {own?.failure !== undefined && (
        <pre class="failure" role="alert">
          {own.failure}
        </pre>
      )}
      <p class="actions">
        {run.state === 'running' && (
          <button type="button" onClick={() => lab.ask('pause', null)}>
            Pause
          </button>
        )}
        {run.state === 'stopped' && (
          <button type="button" class="primary" disabled={isBusy} onClick={() => lab.start('resume', name)}>
            Go on
          </button>
        )}
        <button type="button" onClick={() => lab.download(name)}>
          Download the run
        </button>
        {run.kind === 'train' && run.state === 'finished' && (
          <button type="button" onClick={saveModel}>
            Download model.onnx
          </button>
        )}
        {run.state !== 'running' && (
          <button
            type="button"
            onClick={async () => {
              if (await lab.remove(name)) await lab.show(undefined);
            }}
          >
            Remove
          </button>
        )}
      </p>
      {run.kind === 'train' && run.state === 'finished' && (
        <ClassifyPanel lab={lab} facts={facts} run={name} />
      )}
      {run.kind === 'search' && run.state === 'finished' && genotype !== undefined && (
        <TrainForm
          facts={facts}
          genotype={genotype}
          isBusy={isBusy}
          start={(choice) => lab.start('train', choice)}
        />
      )}
      <Curves epochs={epochs} kind={run.kind} />
      {run.kind === 'search' ? (
        <Architecture epochs={epochs} draw={lab.draw} />
      ) : (
        genotype !== undefined && (
          <section aria-labelledby="cells">
            <h3 id="cells">Its cells</h3>
            <Cells genotype={genotype} draw={lab.draw} />
          </section>
        )
      )}
      {genotype !== undefined && (
        <details>
          <summary>Genotype as text</summary>
          <pre>{genotype}</pre>
        </details>
      )}
    </article>
  );
}

function statusText({ state, done, epochs }: LabRun, text: string | undefined): string {
  if (state === 'finished') return 'Finished';
  if (state === 'stopped') return `Stopped after ${done} of ${epochs} epochs`;
  return text ?? 'under way';
}
