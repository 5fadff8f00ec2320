// A table: its plan as maps that fill up, a square for each network and a map for each seed; how the networks are spread so far, and
// the best of them.
import type { TableInfo } from '../../src/live/messages.js';
import { integer, none } from '../../src/report/format.js';
import { NetworkMap } from './network-map.js';
import { Spread } from './spread.js';
import { StateBadge } from './state-badge.js';
import { levels } from './table-drawing.js';
import { doneIn, durationText, metricText, tableLeftMs, tableProgressText } from './words.js';

export function TableView({ table, nowMs }: { readonly table: TableInfo; readonly nowMs: number }) {
  const { id, title, data, metric, state, seeds, networks, trainings, scores, failed } = table;
  const known = scores.flat().filter((score) => score !== null);
  const failures = failed.flat().length;
  const left = tableLeftMs(table);
  const range: readonly [number, number] = [Math.min(...known), Math.max(...known)];
  const [worst, best] = metric.better === 'higher' ? range : [range[1], range[0]];
  const test = `Test ${metric.title.toLowerCase()}`;
  return (
    <article>
      <h2>{title}</h2>
      <p class="subtitle">
        Table: {integer(networks)} networks, {seeds.length === 1 ? 'one seed' : `${seeds.length} seeds`};{' '}
        {data}
      </p>
      <p class="status">
        <StateBadge state={state} />
        <progress max={Math.max(1, trainings)} value={doneIn(table)} aria-label="trainings done" />
        <span>
          {tableProgressText(table)}
          {left === undefined ? '' : `, about ${durationText(left)} left`}
          {state === 'done' ? '' : `; last one ${durationText(nowMs - table.changedAt)} ago`}
        </span>
      </p>
      {table.failure !== undefined && (
        <pre class="failure" role="alert">
          {table.failure.message}
        </pre>
      )}
      <p class="actions">
        <a class="button" href={`./report?run=${id}`} download="table.html">
          Save as HTML
        </a>
        <a class="button" href={`./runs/${id}/zip`} download>
          Download the table
        </a>
      </p>
      <section aria-labelledby="plan">
        <h3 id="plan">{test} by network</h3>
        <p class="muted">A square for each network, in the order in which they are trained.</p>
        {known.length > 0 && (
          <ul class="legend">
            {levels.map((level, at) => (
              <li key={level}>
                <i class={`swatch ${level}`} />
                {at === 0 && metricText(metric, worst)}
                {at === levels.length - 1 && metricText(metric, best)}
              </li>
            ))}
            <li>
              <i class="swatch waiting" /> waiting
            </li>
            {failures > 0 && (
              <li>
                <i class="swatch failed" /> failed
              </li>
            )}
          </ul>
        )}
        <div class="maps">
          {seeds.map((seed, place) => (
            <NetworkMap
              key={seed}
              title={`Seed ${seed}`}
              scores={scores[place] ?? []}
              failed={failed[place] ?? []}
              range={range}
              better={metric.better}
            />
          ))}
        </div>
      </section>
      {known.length > 1 && (
        <section aria-labelledby="spread">
          <h3 id="spread">How they are spread</h3>
          <Spread
            title={`${test} of the trainings so far`}
            values={known}
            format={(x) => metricText(metric, x)}
          />
        </section>
      )}
      {table.best.length > 0 && <Best table={table} test={test} />}
      {table.failures.length > 0 && (
        <ul class="warnings" role="note">
          {table.failures.map(({ architecture, seed, failure }) => (
            <li key={`${seed} ${architecture}`}>
              {architecture}, seed {seed}: {failure.split('\n')[0]}
            </li>
          ))}
        </ul>
      )}
    </article>
  );
}

function Best({
  table: { best, seeds, metric },
  test,
}: {
  readonly table: TableInfo;
  readonly test: string;
}) {
  return (
    <section aria-labelledby="best">
      <h3 id="best">The best so far</h3>
      <div class="scroll">
        <table>
          <caption class="muted">{test} of each seed, and what the networks cost</caption>
          <thead>
            <tr>
              {seeds.map((seed) => (
                <th key={seed} scope="col">
                  seed {seed}
                </th>
              ))}
              <th scope="col">Parameters</th>
              <th scope="col">Multiply-adds</th>
              <th scope="col" class="text">
                Architecture
              </th>
            </tr>
          </thead>
          <tbody>
            {best.map(({ architecture, tests, parameters, macs }) => (
              <tr key={architecture}>
                {tests.map((value, place) => (
                  <td key={seeds[place]}>{value === null ? none : metricText(metric, value)}</td>
                ))}
                <td>{integer(parameters)}</td>
                <td>{integer(macs)}</td>
                <td class="text">
                  <code>{architecture}</code>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
