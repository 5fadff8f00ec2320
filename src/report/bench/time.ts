// Where the time of a run goes, from the runtime's profile: by operator, by primitive and by cell, one bar a measurement.
import type { TimeBreakdown, TimePart } from '../../bench/profile-summary.js';
import { elsewhere } from '../../bench/profile-summary.js';
import type { Measurement } from '../../bench/results.js';
import { groupName, shortened } from '../../bench/show/labels.js';
import { digits } from '../../bench/show/numbers.js';
import { isTimedByHost } from '../../bench/show/placement-lines.js';
import { PRIMITIVES } from '../../spaces/convolutional.js';
import { html, Markup } from '../html.js';
import { primitiveColours } from '../style.js';
import { type Bar, type BarPart, longestBarName, stackedBars } from './bars.js';
import { capital, namesInGroups, type SizeGroup, sizeGroups } from './groups.js';

type Breakdown = keyof TimeBreakdown;

const titles: Readonly<Record<Breakdown, string>> = {
  byOperator: 'By operator',
  byPrimitive: 'By primitive',
  byCell: 'By cell',
};
const breakdowns: readonly Breakdown[] = ['byOperator', 'byPrimitive', 'byCell'];

/** What the colours do not suffice for. */
const other = 'other';
const [grey, ...colours] = primitiveColours;
/** Bars whose lengths are further apart than this many times are drawn as shares. */
const furthestApart = 8;
/** So many cells have their numbers on them. */
const fewCells = 10;

export function time(measurements: readonly Measurement[]): Markup {
  const unknown = measurements.flatMap(({ time: found }, index) => (found === null ? [index] : []));
  const devices = measurements.flatMap(({ time: found, execution }, index) =>
    found !== null && isTimedByHost(execution.asked) ? [index] : [],
  );
  const groups = sizeGroups(measurements)
    .map(({ name, id, indices }) => ({
      name,
      id,
      indices: indices.filter((index) => measurements[index]?.time !== null),
    }))
    .filter(({ indices }) => indices.length > 0);
  const known = unknown.length < measurements.length;
  return html`<section id="time"><h2>Where the time goes</h2>
${
  known
    ? html`<p class="muted">Time of the nodes of one run, from a session with profiling, which is slower than one without.
Elsewhere is what lies in no edge of a cell: stem, preprocessing, classifier, and copies.</p>`
    : undefined
}
${unknown.length === 0 ? undefined : html`<p class="muted">The runtime gives no profile of ${groupName(measurements, unknown, 3)}.</p>`}
${devices.length === 0 ? undefined : html`<p class="muted">For ${groupName(measurements, devices, 3)}, these are the times that the host spends on the nodes: kernels of a device are started, not awaited.</p>`}
${groups.map((group) => ofGroup(measurements, group, groups.length > 1))}</section>`;
}

function ofGroup(measurements: readonly Measurement[], group: SizeGroup, isNamed: boolean): Markup {
  const { name, id, indices } = group;
  const names = namesInGroups(measurements);
  const totals = indices.map((index) => totalMs(measurements[index]?.time?.byOperator ?? []));
  const highest = Math.max(...totals);
  const isShare = highest > furthestApart * Math.min(...totals);
  const charts = breakdowns.map((breakdown) => {
    const all = indices.map((index) => measurements[index]?.time?.[breakdown] ?? []);
    // Of the whole page, so that a colour means the same in all of its charts.
    const parts = partsOf(
      breakdown,
      measurements.map(({ time: found }) => found?.[breakdown] ?? []),
    );
    const bars = all.map((found, at): Bar => {
      const total = totals[at] ?? 0;
      const suffix = `, ${digits(total)} ms`;
      const name = shortened(names[indices[at] ?? 0] ?? '', longestBarName - suffix.length);
      const named = new Map(found.map((part) => [part.name, part.timeMs]));
      const covered = parts.map(({ name: part }) => named.get(part) ?? 0);
      const rest = Math.max(0, total - covered.reduce((sum, value) => sum + value, 0));
      const values = parts.map(({ name: part }, column) => (part === other ? rest : (covered[column] ?? 0)));
      return {
        name: `${name}${suffix}`,
        values: isShare && total > 0 ? values.map((value) => value / total) : values,
      };
    });
    const svg = stackedBars(`time-${breakdown}-${id}`, parts, bars, {
      highest: isShare ? 1 : highest || 1,
      interval: isShare ? 0.25 : undefined,
      label: (value) => (isShare ? `${Math.round(100 * value)} %` : `${Number(value.toPrecision(3))} ms`),
    });
    return html`<figure><h4>${titles[breakdown]}</h4>${new Markup(svg)}${breakdown === 'byCell' ? cellLegend : legend(parts)}</figure>`;
  });
  return html`${isNamed ? html`<h3>${capital(name)}</h3>` : undefined}<div class="charts">${charts}</div>`;
}

const cellLegend = html`<p class="muted">Cells in their order, the first one is 0; grey is elsewhere.</p>`;

function legend(parts: readonly BarPart[]): Markup {
  return html`<ul class="legend">${parts.map(
    ({ name, colour }) => html`<li><i style="border-width:9px;border-color:var(${colour})"></i>${name}</li>`,
  )}</ul>`;
}

/** The parts of all bars together, in the order in which they are drawn. */
function partsOf(breakdown: Breakdown, bars: readonly (readonly TimePart[])[]): BarPart[] {
  const totals = new Map<string, number>();
  for (const { name, timeShare } of bars.flat()) totals.set(name, (totals.get(name) ?? 0) + timeShare);
  const hasElsewhere = totals.delete(elsewhere);
  const last: BarPart[] = hasElsewhere ? [{ name: elsewhere, colour: grey }] : [];
  if (breakdown === 'byCell') return [...cellParts([...totals.keys()]), ...last];
  if (breakdown === 'byPrimitive') return [...primitiveParts([...totals.keys()]), ...last];
  const slowest = [...totals].sort(([, a], [, b]) => b - a).map(([name]) => name);
  const isMany = slowest.length > primitiveColours.length;
  const named = isMany ? slowest.slice(0, colours.length) : slowest;
  return [
    ...named.map((name, index) => ({ name, colour: index < colours.length ? strongFirst(index) : grey })),
    ...(isMany ? [{ name: other, colour: grey }] : []),
  ];
}

/** The blue one first: most of the time goes there. */
function strongFirst(index: number): string {
  return colours[(index + 3) % colours.length] ?? grey;
}

/** Cells alternate between two shades, so that each can be told from the next. */
function cellParts(names: readonly string[]): BarPart[] {
  const numbered = names.map((name) => ({ name, cell: Number(name.replace(/^\D*/, '')) }));
  return numbered
    .sort((a, b) => a.cell - b.cell)
    .map(({ name, cell }) => ({
      name,
      colour: cell % 2 === 0 ? '--p4' : '--p5',
      // All of a few, or every fourth: a bar of twenty cells has no room for more, and these are of the darker shade.
      ...(names.length <= fewCells || cell % 4 === 0 ? { mark: String(cell) } : {}),
    }));
}

/** A primitive has the colour that it has in the report of a search. */
function primitiveParts(names: readonly string[]): BarPart[] {
  const places = new Map<string, number>(PRIMITIVES.map((primitive, place) => [primitive, place]));
  const place = (name: string): number => places.get(name) ?? PRIMITIVES.length;
  return [...names]
    .sort((a, b) => place(a) - place(b) || (a < b ? -1 : 1))
    .map((name) => ({ name, colour: primitiveColours[place(name)] ?? '--held' }));
}

function totalMs(parts: readonly TimePart[]): number {
  return parts.reduce((sum, { timeMs }) => sum + timeMs, 0);
}
