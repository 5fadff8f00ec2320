// All runs at a glance: those of one kind and task on one chart, by the figure that they are judged by.
import { Chart } from '../parts/chart.js';
import { Queues } from './queues.js';
import { printRoute } from './routes.js';
import { seriesOfRuns } from './run-series.js';
import type { KnownRun, PageState } from './state.js';
import { metricText, tableProgressText } from './words.js';

export function Overview({ state, runs }: { readonly state: PageState; readonly runs: readonly KnownRun[] }) {
  const groups = new Map<string, KnownRun[]>();
  for (const run of runs) {
    const name = `${run.info.kind === 'search' ? 'Searches' : 'Trainings'}: ${run.info.task}`;
    groups.set(name, [...(groups.get(name) ?? []), run]);
  }
  return (
    <article>
      <h2>Overview</h2>
      {runs.length + state.tables.size === 0 && (
        <p class="muted">
          {state.isKnown
            ? 'There are no runs in these folders yet. They appear here when one begins.'
            : 'Looking for runs.'}
        </p>
      )}
      {state.studies.size > 0 && (
        <section aria-labelledby="studies">
          <h3 id="studies">Studies</h3>
          <ul>
            {[...state.studies.values()].map(({ id, title, methods }) => {
              const all = methods.flatMap((method) => method.runs);
              const finished = all.filter(({ stage }) => stage === 'finished').length;
              return (
                <li key={id}>
                  <a href={printRoute({ view: 'study', id })}>{title}</a>: {finished} of {all.length} runs
                  finished
                </li>
              );
            })}
          </ul>
        </section>
      )}
      {state.tables.size > 0 && (
        <section aria-labelledby="tables">
          <h3 id="tables">Tables</h3>
          <ul>
            {[...state.tables.values()].map((table) => (
              <li key={table.id}>
                <a href={printRoute({ view: 'table', id: table.id })}>{table.title}</a>:{' '}
                {tableProgressText(table)}
              </li>
            ))}
          </ul>
        </section>
      )}
      {state.queues !== undefined && <Queues {...state.queues} />}
      {[...groups].map(([name, own]) => {
        const metric = own[0]?.info.metrics[0];
        if (metric === undefined) return null;
        return (
          <section key={name} aria-label={name}>
            <h3>{name}</h3>
            <div class="charts wide">
              <Chart
                title={`${metric.title}, of held-out ${own[0]?.info.examples} where there are any`}
                series={seriesOfRuns(own, metric.name)}
                revision={own.map(({ generation, bytes }) => `${generation}.${bytes}`).join()}
                format={(value) => metricText(metric, value)}
              />
            </div>
          </section>
        );
      })}
    </article>
  );
}
