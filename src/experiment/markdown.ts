// The results of an experiment as Markdown: the table with the paper's figures beside ours, what published networks cost, and what
// may not be compared.
import { networkTable, nothing, paperText, resultTable, seedsText, type TextTable } from './cells.js';
import type { CodesResults, ExperimentResults, TableResults } from './results.js';
import { allSeries } from './series.js';

export function experimentMarkdown(results: ExperimentResults): string {
  const { title, source, shows, command, incomparable, inconsistencies } = results;
  const parts = [
    `# ${source}: ${title}`,
    shows,
    `\`${command}\``,
    ...(results.kind === 'codes' ? [codesOf(results)] : tablesOf(results)),
    ...listed('What may not be compared', incomparable),
    ...listed('What in the paper does not fit together', inconsistencies),
  ];
  return `${parts.join('\n\n')}\n`;
}

function codesOf({ codes, draws }: CodesResults): string {
  return markdownTable({
    head: ['Code', 'Paper', 'Exact', `Of ${draws.toLocaleString('en')} draws`],
    rows: codes.map(({ code, paper, exact, drawn }) => [
      code,
      paperText(paper),
      exact.toFixed(4),
      drawn.toFixed(4),
    ]),
  });
}

function tablesOf(results: TableResults): string[] {
  const { scale, study, networks, series } = results;
  const { runs } = study;
  const finished = runs.filter(({ status }) => status === 'finished').length;
  const unfinished =
    finished === runs.length ? '' : ` Not all runs have finished: ${finished} of ${runs.length}.`;
  return [
    `Scale \`${scale}\`: ${study.data.name}, ${study.data.trainExamples} examples to learn from, ${study.data.testExamples} to be tested on; ${seedsText(study.study.seeds)}.${unfinished}`,
    markdownTable(resultTable(results)),
    ...(series === undefined
      ? []
      : [`${allSeries[series.name].title}, by epoch:`, markdownTable(seriesTable(series))]),
    ...(networks.length === 0
      ? []
      : ['Networks of published genotypes, counted exactly:', markdownTable(networkTable(networks))]),
  ];
}

/** A row for each epoch. */
export function seriesTable({ name, lines }: NonNullable<TableResults['series']>): TextTable {
  const epochs = [...new Set(lines.flatMap(({ points }) => points.map(({ epoch }) => epoch)))].sort(
    (a, b) => a - b,
  );
  return {
    head: ['Epoch', ...lines.map((line) => line.name)],
    rows: epochs.map((epoch) => [
      String(epoch),
      ...lines.map(({ points }) => {
        const point = points.find((one) => one.epoch === epoch);
        return point === undefined ? nothing : allSeries[name].format(point.mean);
      }),
    ]),
  };
}

function listed(title: string, items: readonly string[]): string[] {
  return items.length === 0 ? [] : [`## ${title}`, items.map((item) => `- ${item}`).join('\n')];
}

function markdownTable({ head, rows }: TextTable): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n');
}
