// One self-contained HTML file about a run: figures, curves, drawings, configuration. No scripts and nothing to load.
import { confusions } from './confusion.js';
import type { ReportData } from './data.js';
import { html } from './html.js';
import { page } from './page.js';
import {
  configuration,
  genotype,
  headline,
  notes,
  results,
  search,
  texts,
  training,
  warnings,
} from './sections.js';
import { segmentation } from './segmentation.js';

/** The text of `report.html`; the same data gives the same text. */
export async function renderReport(data: ReportData): Promise<string> {
  const { results: rows = [], baselines = [] } = data;
  const body = html`<main>
<header><h1>${data.title}</h1>
${data.subtitle === undefined ? undefined : html`<p class="subtitle">${data.subtitle}</p>`}
${data.notes === undefined ? undefined : notes(data.notes)}
${warnings(data.warnings ?? [])}
${rows[0] === undefined ? undefined : headline(rows[0], data.measures)}</header>
${rows.length === 0 ? undefined : results(rows, baselines, data.measures)}
${data.segmentation === undefined ? undefined : segmentation(data.segmentation)}
${data.confusion === undefined ? undefined : confusions(data.confusion, data.measures)}
${data.genotype === undefined ? undefined : await genotype(data.genotype)}
${data.texts === undefined || data.texts.length === 0 ? undefined : texts(data.texts)}
${data.training === undefined || data.training.epochs.length === 0 ? undefined : training(data.training, baselines, data.measures)}
${data.search === undefined || data.search.epochs.length === 0 ? undefined : search(data.search, data.measures)}
${data.configuration === undefined ? undefined : configuration(data.configuration)}
</main>`;
  return page(data.title, body);
}
