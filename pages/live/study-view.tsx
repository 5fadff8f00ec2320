// A study: its plan as a table that fills up, methods down and seeds across.
import type { StudyInfo, StudyRunInfo } from '../../src/live/messages.js';
import { printRoute } from './routes.js';
import { metricText, stageWords } from './words.js';

export function StudyView({ study }: { readonly study: StudyInfo }) {
  const { id, title, data, metric, seeds, methods } = study;
  const runs = methods.flatMap((method) => method.runs);
  const count = (stage: StudyRunInfo['stage']): number => runs.filter((run) => run.stage === stage).length;
  const [finished, failed] = [count('finished'), count('failed')];
  return (
    <article>
      <h2>{title}</h2>
      <p class="subtitle">
        Study: {methods.length} methods, {seeds.length} seeds; {data}
      </p>
      <p class="status">
        <progress max={runs.length} value={finished + failed} aria-label="runs done" />
        <span>
          {finished} of {runs.length} runs finished{failed > 0 ? `, ${failed} failed` : ''};{' '}
          {count('searching') + count('training')} at work
        </span>
      </p>
      <p class="actions">
        <a class="button" href={`./report?run=${id}`} download="report.html">
          Save as HTML
        </a>
      </p>
      <div class="scroll">
        <table class="plan">
          <caption class="muted">Test {metric.title.toLowerCase()} of each run, once it is finished</caption>
          <thead>
            <tr>
              <th scope="col">Method</th>
              {seeds.map((seed) => (
                <th key={seed} scope="col">
                  seed {seed}
                </th>
              ))}
              <th scope="col">Mean</th>
            </tr>
          </thead>
          <tbody>
            {methods.map((method) => (
              <tr key={method.name}>
                <th scope="row">{method.name}</th>
                {method.runs.map((run) => (
                  <td key={run.seed} class={run.stage}>
                    <Place run={run} metric={metric} />
                  </td>
                ))}
                <td>{metricText(metric, meanOf(method.runs))}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <Failures study={study} />
    </article>
  );
}

function Place({ run, metric }: { readonly run: StudyRunInfo; readonly metric: StudyInfo['metric'] }) {
  const { sign, word } = stageWords[run.stage];
  const text = run.test === undefined ? word : metricText(metric, run.test);
  const content = (
    <>
      <span aria-hidden="true">{sign}</span> {text}
    </>
  );
  const id = run.stage === 'searching' ? run.search : (run.child ?? run.search);
  return id === undefined ? content : <a href={printRoute({ view: 'run', id })}>{content}</a>;
}

function meanOf(runs: readonly StudyRunInfo[]): number | undefined {
  const tests = runs.flatMap(({ test }) => test ?? []);
  return tests.length === 0 ? undefined : tests.reduce((sum, test) => sum + test, 0) / tests.length;
}

function Failures({ study: { methods } }: { readonly study: StudyInfo }) {
  const failed = methods.flatMap(({ name, runs }) =>
    runs.flatMap(({ seed, failure }) => (failure === undefined ? [] : [`${name}, seed ${seed}: ${failure}`])),
  );
  if (failed.length === 0) return null;
  return (
    <ul class="warnings" role="note">
      {failed.map((text) => (
        <li key={text}>{text}</li>
      ))}
    </ul>
  );
}
