// The models that trainings have come to: the figures of the test, and what they cost.
import { integer } from '../../src/report/format.js';
import type { KnownRun } from './state.js';
import { lossText, metricText } from './words.js';

export function ResultsTable({ runs }: { readonly runs: readonly KnownRun[] }) {
  const finished = runs.filter(({ info }) => info.results !== undefined);
  const [first] = finished;
  if (first === undefined) return null;
  const { metrics } = first.info;
  const others = [
    ...new Set(finished.flatMap(({ info }) => Object.keys(info.results?.figures ?? {}))),
  ].filter((name) => name !== 'parameters' && name !== 'macs');
  return (
    <section aria-labelledby="results">
      <h3 id="results">Results</h3>
      <div class="scroll">
        <table>
          <thead>
            <tr>
              <th scope="col">Model</th>
              {metrics.map(({ name, title }) => (
                <th key={name} scope="col">
                  Test {title.charAt(0).toLowerCase() + title.slice(1)}
                </th>
              ))}
              <th scope="col">Test loss</th>
              <th scope="col">Parameters</th>
              <th scope="col">Multiply-adds</th>
              {others.map((name) => (
                <th key={name} scope="col">
                  {inWords(name)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {finished.map(({ info: { id, name, results } }) => (
              <tr key={id}>
                <td>{name || 'derived network'}</td>
                {metrics.map((metric) => (
                  <td key={metric.name}>{metricText(metric, results?.test[metric.name])}</td>
                ))}
                <td>{lossText(results?.test.loss)}</td>
                <td>{integer(results?.figures.parameters)}</td>
                <td>{integer(results?.figures.macs)}</td>
                {others.map((figure) => (
                  <td key={figure}>{String(results?.figures[figure] ?? '–')}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {finished.length === 1 &&
        Object.entries(first.info.results?.notes ?? {}).map(([about, text]) => (
          <p key={about} class="muted">
            {about}: {text}
          </p>
        ))}
    </section>
  );
}

/** `bigramPerplexity` as `bigram perplexity`. */
function inWords(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
