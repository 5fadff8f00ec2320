// Several runs side by side: their curves on one chart each, where their settings differ, their cells.
import { Cells } from '../parts/cells.js';
import { Chart } from '../parts/chart.js';
import { drawCells } from './details.js';
import { ResultsTable } from './results-table.js';
import { printRoute } from './routes.js';
import { seriesOfRuns } from './run-series.js';
import type { KnownRun } from './state.js';
import { StateBadge } from './state-badge.js';
import { headlineOf, lossText, metricText, progressText } from './words.js';

export function CompareView({ runs }: { readonly runs: readonly KnownRun[] }) {
  const revision = runs.map(({ generation, bytes }) => `${generation}.${bytes}`).join();
  const metrics = [
    ...new Map(runs.flatMap(({ info }) => info.metrics.map((metric) => [metric.name, metric]))).values(),
  ];
  const charts = [
    { title: 'Loss', name: 'loss', format: lossText },
    ...metrics.map((metric) => ({
      title: metric.title,
      name: metric.name,
      format: (value: number) => metricText(metric, value),
    })),
  ];
  return (
    <article>
      <h2>{runs.length} runs compared</h2>
      <p class="actions">
        <a
          class="button"
          href={`./report?${runs.map(({ info }) => `run=${info.id}`).join('&')}`}
          download="report.html"
        >
          Save as HTML
        </a>
      </p>
      <section aria-labelledby="curves">
        <h3 id="curves">Curves</h3>
        <p class="muted">Of held-out examples, where a run has them.</p>
        <div class="charts wide">
          {charts
            .map((chart) => ({ ...chart, series: seriesOfRuns(runs, chart.name) }))
            .filter(({ series }) => series.length > 0)
            .map(({ title, series, format }) => (
              <Chart key={title} title={title} series={series} revision={revision} format={format} />
            ))}
        </div>
      </section>
      <section aria-labelledby="differences">
        <h3 id="differences">Where they differ</h3>
        <Differences runs={runs} />
      </section>
      <ResultsTable runs={runs} />
      <section aria-labelledby="cells">
        <h3 id="cells">Cells</h3>
        <div class="side-by-side">
          {runs.map(({ info, last }) => {
            const genotype = info.genotype ?? last.genotype;
            return (
              <div key={info.id}>
                <h4>
                  <a href={printRoute({ view: 'run', id: info.id })}>{info.name}</a>
                </h4>
                {genotype === undefined ? (
                  <p class="muted">None yet.</p>
                ) : (
                  <Cells genotype={genotype} draw={drawCells} />
                )}
              </div>
            );
          })}
        </div>
      </section>
    </article>
  );
}

function Differences({ runs }: { readonly runs: readonly KnownRun[] }) {
  // What only one of them has, it does not differ in; genotypes are drawn below.
  const names = [...new Set(runs.flatMap(({ info }) => Object.keys(info.settings)))].filter((name) => {
    const values = runs.flatMap(({ info }) => info.settings[name] ?? []);
    return name !== 'genotype' && values.length > 1 && new Set(values).size > 1;
  });
  return (
    <div class="scroll">
      <table class="configuration">
        <thead>
          <tr>
            <td />
            {runs.map(({ info }) => (
              <th key={info.id} scope="col" class="text">
                <a href={printRoute({ view: 'run', id: info.id })}>{info.name}</a>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          <tr>
            <th scope="row">state</th>
            {runs.map(({ info }) => (
              <td key={info.id}>
                <StateBadge state={info.state} />
              </td>
            ))}
          </tr>
          <tr>
            <th scope="row">progress</th>
            {runs.map((run) => (
              <td key={run.info.id}>{progressText(run)}</td>
            ))}
          </tr>
          <tr>
            <th scope="row">result so far</th>
            {runs.map((run) => (
              <td key={run.info.id}>{headlineOf(run)}</td>
            ))}
          </tr>
          {names.map((name) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              {runs.map(({ info }) => (
                <td key={info.id}>{info.settings[name] ?? '–'}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
