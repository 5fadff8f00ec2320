// The tables of a benchmark's page: the receipt, the figures of every measurement, the models, and where the nodes ran.
import { candidateName } from '../../bench/failures.js';
import type { BenchResults, Measurement } from '../../bench/results.js';
import { groupName, modelNames, shortenedAll } from '../../bench/show/labels.js';
import { type MeasurementColumn, measurementColumns } from '../../bench/show/measurement-columns.js';
import { counted } from '../../bench/show/numbers.js';
import { operatorsText, placementGroups, runsOnDevice } from '../../bench/show/placement-lines.js';
import { modelsOf, receiptEntries, scoreTexts, shortHash } from '../../bench/show/receipt-entries.js';
import { bytes, integer, none, percent } from '../format.js';
import { html, Markup } from '../html.js';

const leftAligned = new Markup(' style="text-align:left"');
const wrapped = new Markup(' style="text-align:left;white-space:normal;overflow-wrap:anywhere"');
/** Letters of a name in a table. */
const longestName = 40;

export function receipt(results: BenchResults): Markup {
  const entries = receiptEntries(results).filter(([name]) => !name.startsWith('model'));
  return html`<section id="receipt"><h2>Receipt</h2>
<p class="muted">What was measured on, and all that the measurements have in common. Figures with another receipt do not
compare with these.</p>
<table><tbody>${entries.map(
    ([name, value]) =>
      html`<tr><td class="muted">${name}</td><td${wrapped}>${broken(value.split('\n'))}</td></tr>\n`,
  )}</tbody></table></section>`;
}

export function latency(results: BenchResults): Markup {
  return html`<section id="latency"><h2>Latency</h2>
<p class="muted">Of one run of a whole batch. The ratio is that of the latency to the first measurement of the same batch,
round by round, with its 95 % interval; below 1 is faster.</p>
${table(results, 'latency')}</section>`;
}

export function failures({ failures: failed }: BenchResults): Markup | undefined {
  if (failed.length === 0) return undefined;
  return html`<section id="failures"><h2>Not measured</h2>
<p class="muted">These failed, and have no figures; all others were measured without them.</p>
<table><thead><tr><th>Candidate</th><th${leftAligned}>Error</th></tr></thead>
<tbody>${failed.map(
    (one) =>
      html`<tr><td${wrapped}>${candidateName(one)}</td><td${wrapped}>${broken(one.message.split('\n'))}</td></tr>\n`,
  )}</tbody></table></section>`;
}

export function beside(results: BenchResults): Markup {
  return html`<section id="beside"><h2>Start, memory and rate</h2>
<p class="muted">Creating a session and its first run are not in the latencies. Memory is that of the whole process. A
multiply-add counts as two operations; the peak and the roofline are those of the receipt.</p>
${table(results, 'beside')}</section>`;
}

/** What tells the measurements apart, and one part of the figures. */
function table(results: BenchResults, part: MeasurementColumn['part']): Markup {
  const columns = measurementColumns(results)
    .filter((column) => column.part === 'facet' || column.part === part)
    .map((column) => ({
      ...column,
      shown: column.alignment === 'left' ? shortenedAll(column.values, longestName) : column.values,
      align: column.alignment === 'left' ? leftAligned : undefined,
    }));
  return html`<div class="scroll"><table><thead><tr>${columns.map(
    ({ heading, align }) => html`<th${align}>${headingText(heading)}</th>`,
  )}</tr></thead>
<tbody>${results.measurements.map(
    (_, row) =>
      html`<tr>${columns.map(
        ({ shown, values, align }) =>
          html`<td${align}${titleOf(values[row], shown[row])}>${shown[row] ?? none}</td>`,
      )}</tr>\n`,
  )}</tbody></table></div>`;
}

/** `median, ms` */
function headingText(heading: readonly string[]): string {
  const [name = '', unit] = heading;
  if (unit === undefined) return name;
  return unit === 'ms' || unit === 'MB' || unit === '%' ? `${name}, ${unit}` : `${name} ${unit}`;
}

/** The whole of a name that was shortened. */
function titleOf(whole: string | undefined, shown: string | undefined): Markup | undefined {
  return whole === shown || whole === undefined ? undefined : html` title="${whole}"`;
}

export function models(measurements: readonly Measurement[]): Markup {
  const distinct = modelsOf(measurements);
  const names = modelNames(distinct.map(({ model }) => model.path));
  const shown = shortenedAll(names, longestName);
  return html`<section id="models"><h2>Models</h2><p class="muted">Multiply-adds are those of one image. What a model
scored it says itself.</p><div class="scroll"><table><thead><tr><th>Model</th><th${leftAligned}>Variant</th><th${leftAligned}>Precision</th><th>Opset</th><th>Parameters</th><th>Multiply-adds</th><th>Score</th><th>File</th><th>SHA-256</th></tr></thead>
<tbody>${distinct.map(
    ({ model, variant }, index) =>
      html`<tr><td${titleOf(model.path, shown[index])}>${shown[index] ?? none}</td><td${leftAligned}>${variant}</td><td${leftAligned}>${model.precision}</td><td>${model.opset ?? none}</td><td>${integer(model.parameters)}</td><td>${integer(model.macs)}</td><td>${scoreTexts(model.scores).join(', ') || none}</td><td>${bytes(model.sizeBytes)}</td><td>${shortHash(model.sha256)}</td></tr>\n`,
  )}</tbody></table></div></section>`;
}

export function placement(measurements: readonly Measurement[]): Markup {
  const groups = placementGroups(measurements).flatMap(({ indices }) => {
    const [measurement] = indices.flatMap((index) => measurements[index] ?? []);
    return measurement === undefined ? [] : [{ name: groupName(measurements, indices), measurement }];
  });
  const columns: PlacementColumn[] = [
    { heading: 'Ran on', lines: ranOn },
    { heading: 'CPU fallback', lines: fellBack },
    { heading: 'Copies', lines: copies },
    { heading: 'TF32', lines: ({ execution }) => (execution.tf32 === null ? [] : [execution.tf32]) },
    {
      heading: 'Inputs and outputs',
      lines: ({ execution, hostCopyMs }) => {
        if (hostCopyMs !== null) return ['copied apart'];
        return runsOnDevice(execution.asked) ? ['copied within the latency'] : [];
      },
    },
  ];
  const used = columns.filter(({ lines }) => groups.some(({ measurement }) => lines(measurement).length > 0));
  return html`<section id="placement"><h2>Where the nodes ran</h2>
<p class="muted">As the profile of the runtime says: nodes, and their share of the time of all nodes. Copies are those between
device and host that the runtime puts between nodes.</p>
<div class="scroll"><table><thead><tr><th>Measurements</th>${used.map(
    ({ heading }) => html`<th style="text-align:left;white-space:nowrap">${heading}</th>`,
  )}</tr></thead>
<tbody>${groups.map(
    ({ name, measurement }) =>
      html`<tr><td>${broken(name.split('; '))}</td>${used.map(
        ({ lines }) => html`<td${leftAligned}>${broken(lines(measurement))}</td>`,
      )}</tr>\n`,
  )}</tbody></table></div></section>`;
}

interface PlacementColumn {
  readonly heading: string;
  /** None where there is nothing to say. */
  readonly lines: (measurement: Measurement) => readonly string[];
}

function ranOn({ execution: { placement: found } }: Measurement): string[] {
  if (found === null) return ['not known: the runtime gives no profile'];
  return found.providers.map(
    ({ provider, nodes, timeShare }) => `${provider}: ${counted(nodes, 'node')}, ${percent(timeShare)}`,
  );
}

function fellBack({ execution: { placement: found } }: Measurement): string[] {
  if (found === null || found.cpuFallback.nodes === 0) return [];
  const { nodes, timeShare, operators } = found.cpuFallback;
  return [`${counted(nodes, 'node')}, ${percent(timeShare)}`, operatorsText(operators)];
}

function copies({ execution: { placement: found } }: Measurement): string[] {
  return found === null || found.copyNodes === 0 ? [] : [String(found.copyNodes)];
}

function broken(lines: readonly string[]): Markup {
  return lines.length === 0
    ? html`${none}`
    : html`${lines.map((line, index) => (index === 0 ? line : html`<br>${line}`))}`;
}
