// Which class is taken for which: of few classes the whole table as a heat map, of many the pairs that are confused most; and
// how well each class is told from the others. With M the counts, rows the true classes,
//
//   recall_c = M_cc / sum_p M_cp        precision_c = M_cc / sum_t M_tc
import type { Measures } from '../loop/meter.js';
import type { ConfusionData } from './data.js';
import { integer, percent } from './format.js';
import { html, Markup } from './html.js';

/** Classes whose table can still be read. */
const mostInMap = 24;
const mostPairs = 20;
/** Rows that are shown at once; the others are a click away. */
const mostRows = 30;

/** What the table says of one class. */
interface ClassFigures {
  readonly name: string;
  /** How many there are of it, and what shares of them and of what was taken for it are right. */
  readonly count: number;
  readonly recall: number;
  readonly precision: number;
}

/** Examples of one class that were taken for another one. */
interface Pair {
  readonly from: string;
  readonly to: string;
  readonly count: number;
  /** Of the examples of the class. */
  readonly share: number;
}

export function confusions(data: ConfusionData, { examples }: Pick<Measures, 'examples'>): Markup {
  const isSmall = data.classes.length <= mostInMap;
  const shown = isSmall ? heatMap(data) : pairTable(pairsOf(data).slice(0, mostPairs), examples);
  const words = isSmall
    ? `How many test ${examples} of each class (rows) were taken for which (columns).`
    : `The test ${examples} of one class that were taken for another one most often.`;
  return html`<section id="confusions"><h2>Confusions</h2>
<p class="muted">${words}</p>${shown}
<h3>By class</h3>
<p class="muted">Recall is the share of a class that is recognised, precision the share of what is taken for it that is of it. The worst come first.</p>
${classTable(data, examples)}</section>`;
}

function heatMap({ classes, counts }: ConfusionData): Markup {
  return html`<div class="scroll"><table class="confusions">
<thead><tr><th></th>${classes.map((name) => html`<th scope="col"><span>${name}</span></th>`)}</tr></thead>
<tbody>${counts.map(
    (row, label) =>
      html`<tr><th scope="row">${classes[label]}</th>${row.map((count, answer) => cell(count, sumOf(row), label === answer))}</tr>\n`,
  )}</tbody></table></div>`;
}

/** Few errors are to be seen beside many right answers, so that theirs is the root of their share. */
function cell(count: number, total: number, isRight: boolean): Markup {
  if (count === 0 || total === 0) return html`<td></td>`;
  const share = count / total;
  const strength = Math.round(100 * (isRight ? share : Math.sqrt(share)));
  const kind = new Markup(isRight ? ' class="right"' : '');
  return html`<td${kind} style="--strength:${strength}%">${integer(count)}</td>`;
}

function pairTable(pairs: readonly Pair[], examples: string): Markup {
  if (pairs.length === 0) return html`<p>None were.</p>`;
  return html`<div class="scroll"><table>
<thead><tr><th>Class</th><th class="text">Taken for</th><th>${capitalised(examples)}</th><th>Of the class</th></tr></thead>
<tbody>${pairs.map(
    ({ from, to, count, share }) =>
      html`<tr><td>${from}</td><td class="text">${to}</td><td>${integer(count)}</td><td>${percent(share)}</td></tr>\n`,
  )}</tbody></table></div>`;
}

function classTable(data: ConfusionData, examples: string): Markup {
  const rows = figuresOf(data).map(
    ({ name, count, recall, precision }) =>
      html`<tr><td>${name}</td><td>${integer(count)}</td><td>${percent(recall)}</td><td>${percent(precision)}</td></tr>\n`,
  );
  const table = (some: readonly Markup[]) => html`<div class="scroll"><table>
<thead><tr><th>Class</th><th>${capitalised(examples)}</th><th>Recall</th><th>Precision</th></tr></thead>
<tbody>${some}</tbody></table></div>`;
  if (rows.length <= mostRows) return table(rows);
  return html`${table(rows.slice(0, mostRows))}
<details><summary>The other ${rows.length - mostRows} classes</summary>${table(rows.slice(mostRows))}</details>`;
}

/** Of every class, the least recall first; those that there are no examples of come last. */
export function figuresOf({ classes, counts }: ConfusionData): ClassFigures[] {
  const predicted = classes.map((_, answer) => sumOf(counts.map((row) => row[answer] ?? 0)));
  const figures = classes.map((name, label): ClassFigures => {
    const right = counts[label]?.[label] ?? 0;
    const count = sumOf(counts[label] ?? []);
    return { name, count, recall: right / count, precision: right / (predicted[label] ?? 0) };
  });
  const rank = ({ recall }: ClassFigures): number => (Number.isNaN(recall) ? 2 : recall);
  return figures.sort((a, b) => rank(a) - rank(b));
}

/** All that were confused, most of them first. */
export function pairsOf({ classes, counts }: ConfusionData): Pair[] {
  return counts
    .flatMap((row, label) =>
      row.flatMap((count, answer): Pair[] => {
        const [from, to] = [classes[label], classes[answer]];
        if (count === 0 || label === answer || from === undefined || to === undefined) return [];
        return [{ from, to, count, share: count / sumOf(row) }];
      }),
    )
    .sort((a, b) => b.count - a.count);
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

function capitalised(word: string): string {
  return `${word.charAt(0).toUpperCase()}${word.slice(1)}`;
}
