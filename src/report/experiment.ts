// The page of an experiment: the table or the curves with the paper's figures beside ours, every run of ours as a dot, what
// published networks cost, and what may not be compared. In: what `experiment.json` holds; out: the text of `report.html`.
import { networkTable, paperText, resultTable, seedsText, type TextTable } from '../experiment/cells.js';
import { columns } from '../experiment/columns.js';
import { seriesTable } from '../experiment/markdown.js';
import type { CodesResults, ExperimentResults, TableResults } from '../experiment/results.js';
import { allSeries } from '../experiment/series.js';
import { compactMark } from './format.js';
import { html, Markup } from './html.js';
import { page } from './page.js';
import { chart, configuration, warnings } from './sections.js';
import { stripPlot } from './strip-plot.js';

/** The same results give the same text. */
export function renderExperiment(results: ExperimentResults): string {
  const { title, source, shows, command, incomparable, inconsistencies } = results;
  const heading = `${source}: ${title}`;
  const body = html`<main>
<header><h1>${heading}</h1>
<p class="subtitle">${shows}</p>
${results.kind === 'table' ? warnings(unfinishedOf(results)) : undefined}</header>
${results.kind === 'table' ? tableBody(results) : codesBody(results)}
${listed('incomparable', 'What may not be compared', incomparable)}
${listed('inconsistencies', 'What in the paper does not fit together', inconsistencies)}
<section id="again"><h2>To run it again</h2><pre>${command}</pre></section>
${results.kind === 'table' ? genotypes(results) : undefined}
${results.kind === 'table' ? configuration({ study: results.study.study, data: results.study.data, tools: results.study.tools }) : undefined}
</main>`;
  return page(heading, body);
}

function tableBody(results: TableResults): Markup {
  const { scale, study, series, networks } = results;
  const { data } = study;
  return html`<section id="results"><h2>The paper's figures and ours</h2>
<p class="muted">Scale ${scale}: ${data.name}, ${data.trainExamples} examples to learn from, ${data.testExamples} to be tested on;
${seedsText(study.study.seeds)}. Of several runs the mean ± standard deviation. The paper's are of other data, networks and lengths.</p>
${tableOf(resultTable(results))}
${strips(results)}</section>
${series === undefined ? undefined : curves(series)}
${
  networks.length === 0
    ? undefined
    : html`<section id="networks"><h2>Networks of published genotypes</h2>
<p class="muted">Counted exactly, at the paper's sizes: no data is needed for it.</p>${tableOf(networkTable(networks))}</section>`
}`;
}

/** Every run, in each column that is measured. */
function strips({ columns: names, rows }: TableResults): Markup {
  const plots = names.flatMap((name) => {
    const known = rows.flatMap((row) => {
      const cell = row.ours[name];
      return cell === undefined || 'text' in cell ? [] : [{ name: row.name, ...cell }];
    });
    if (known.length === 0) return [];
    const strip = known.map(({ mean, values, ...row }) => ({
      name: row.name,
      colour: '--train',
      values,
      mean,
    }));
    return [
      html`<figure class="plot"><h3>${columns[name].title}</h3>${new Markup(
        stripPlot(`strip-${name}`, strip, { label: compactMark }),
      )}</figure>`,
    ];
  });
  return html`<h3>Every run of ours</h3><p class="muted">One dot for each run; the diamond is the mean.</p><div class="plots">${plots}</div>`;
}

const colours = ['--train', '--held', '--child', '--p7', '--p2'] as const;

function curves(series: NonNullable<TableResults['series']>): Markup {
  const { title } = allSeries[series.name];
  const lines = series.lines.map(({ name, points }, index) => ({
    name,
    colour: colours[index % colours.length] ?? colours[0],
    points: points.map(({ epoch, mean }): [number, number] => [epoch, mean]),
  }));
  const options = { width: 560, height: 300, fontSize: 13, yLabel: compactMark };
  return html`<section id="curves"><h2>By epoch</h2><p class="muted">Means over the seeds.</p>
<div class="plots">${chart('curves-chart', title, options, lines)}</div>
<details><summary>As numbers</summary>${tableOf(seriesTable(series))}</details></section>`;
}

function codesBody({ codes, draws, probabilities, samples }: CodesResults): Markup {
  const table: TextTable = {
    head: ['Code', 'Paper', 'Exact', `Of ${draws.toLocaleString('en')} draws`],
    rows: codes.map(({ code, paper, exact, drawn }) => [
      code,
      paperText(paper),
      exact.toFixed(4),
      drawn.toFixed(4),
    ]),
  };
  const rows = codes.map(({ code, drawn }) => ({ name: code, colour: '--train', values: [drawn] }));
  return html`<section id="results"><h2>The codes</h2>
<p class="muted">p = [${probabilities.join(', ')}], M = ${samples}.</p>${tableOf(table)}
<figure class="plot"><h3>Share of the draws</h3>${new Markup(stripPlot('code-shares', rows, { label: compactMark }))}</figure></section>`;
}

function tableOf({ head, rows }: TextTable): Markup {
  return html`<div class="scroll"><table><thead><tr>${head.map((title) => html`<th>${title}</th>`)}</tr></thead>
<tbody>${rows.map((row) => html`<tr>${row.map((cell) => html`<td>${cell}</td>`)}</tr>\n`)}</tbody></table></div>`;
}

function unfinishedOf({ study: { runs } }: TableResults): string[] {
  return runs.flatMap(({ method, seed, status, failure }) => {
    if (status === 'finished') return [];
    return [
      `${method}, seed ${seed}: ${failure === undefined ? 'not finished.' : `${failure.stage} failed: ${failure.lastLines.at(-1) ?? 'no message'}`}`,
    ];
  });
}

function genotypes({ study: { runs } }: TableResults): Markup | undefined {
  const found = runs.filter(({ genotype }) => genotype !== undefined);
  if (found.length === 0) return undefined;
  return html`<section id="genotypes"><h2>Genotypes</h2><details><summary>As text, one for each run</summary>
<pre>${found.map(({ method, seed, genotype }) => `${method}, seed ${seed}\n${genotype}\n`).join('\n')}</pre></details></section>`;
}

function listed(id: string, title: string, items: readonly string[]): Markup | undefined {
  if (items.length === 0) return undefined;
  return html`<section id="${id}"><h2>${title}</h2><ul>${items.map((item) => html`<li>${item}</li>`)}</ul></section>`;
}
