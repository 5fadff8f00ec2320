// What measurements are called. What all of a file have in common is said once, in the receipt; what tells them apart is
// a column of a table, or a part of a label.
import { none } from '../../report/format.js';
import type { Measurement } from '../results.js';
import { listing } from './numbers.js';

export const facetNames = [
  'model',
  'variant',
  'runtime',
  'provider',
  'precision',
  'level',
  'threads',
  'batch',
  'length',
] as const;
export type FacetName = (typeof facetNames)[number];

/** Its text in a column, and in a label, where no heading says what it is. */
interface Facet {
  readonly value: (measurement: Measurement) => string;
  readonly label?: (value: string) => string;
}

const facets: Readonly<Record<Exclude<FacetName, 'model'>, Facet>> = {
  variant: { value: ({ variant }) => variant },
  runtime: { value: ({ runtime }) => `${runtime.name} ${runtime.version}` },
  provider: { value: ({ execution }) => execution.asked },
  precision: { value: ({ model }) => model.precision },
  level: { value: ({ execution }) => execution.optimization, label: (value) => `level ${value}` },
  threads: { value: ({ execution }) => String(execution.threads), label: threadsText },
  batch: { value: ({ execution }) => String(execution.batch), label: (value) => `batch ${value}` },
  length: {
    value: ({ execution: { length } }) => (length === undefined ? none : String(length)),
    label: (value) => `length ${value}`,
  },
};

export interface FacetValues {
  readonly name: FacetName;
  /** One for each measurement. */
  readonly values: readonly string[];
  readonly varies: boolean;
  /** Whether it says nothing new: the runtime behind the provider, the precision behind the model and its variant. */
  readonly follows: boolean;
}

const determinedBy: Readonly<Partial<Record<FacetName, readonly FacetName[]>>> = {
  runtime: ['provider'],
  precision: ['model', 'variant'],
};

/** All facets, in the order of `facetNames`. */
export function facetsOf(measurements: readonly Measurement[]): FacetValues[] {
  const models = modelNames(measurements.map(({ model }) => model.path));
  const valuesOf = (name: FacetName): readonly string[] =>
    name === 'model' ? models : measurements.map(facets[name].value);
  return facetNames.map((name) => {
    const values = valuesOf(name);
    const from = (determinedBy[name] ?? []).map(valuesOf);
    const keys = measurements.map((_, index) => JSON.stringify(from.map((others) => others[index])));
    const pairs = new Set(keys.map((key, index) => JSON.stringify([key, values[index]])));
    return {
      name,
      values,
      varies: new Set(values).size > 1,
      follows: from.length > 0 && pairs.size === new Set(keys).size,
    };
  });
}

/** A name for each measurement, made of what varies; `without` leaves facets out that are said elsewhere. */
export function labelsOf(measurements: readonly Measurement[], without: readonly FacetName[] = []): string[] {
  const all = facetsOf(measurements);
  const varying = all.filter(({ name, varies, follows }) => varies && !follows && !without.includes(name));
  const omitted = all.filter(({ name }) => without.includes(name));
  const models = all.find(({ name }) => name === 'model')?.values ?? [];
  const seen = new Map<string, number>();
  return measurements.map((_, index) => {
    const label = varying.length === 0 ? (models[index] ?? '') : joined(varying, index);
    // The same once more is told apart by its number.
    const key = JSON.stringify([label, ...omitted.map(({ values }) => values[index])]);
    const before = seen.get(key) ?? 0;
    seen.set(key, before + 1);
    return before === 0 ? label : `${label} #${before + 1}`;
  });
}

/**
 * Some of the measurements together: by the fewest facets that they alone have in common (`cuda`, or `a.onnx, folded` in
 * all batches), else one by one; of many, the first `most`.
 */
export function groupName(
  measurements: readonly Measurement[],
  indices: readonly number[],
  most: number = indices.length,
): string {
  if (indices.length > 1 && indices.length === measurements.length) return 'all measurements';
  const varying = facetsOf(measurements).filter(({ varies, follows }) => varies && !follows);
  for (const kept of subsets(varying)) {
    const labels = measurements.map((_, index) => joined(kept, index));
    const common = new Set(indices.map((index) => labels[index] ?? ''));
    const others = labels.filter((_, index) => !indices.includes(index));
    if (common.size < indices.length && !others.some((label) => common.has(label)))
      return listing([...common], most);
  }
  const labels = labelsOf(measurements);
  return listing(
    indices.map((index) => labels[index] ?? ''),
    most,
  );
}

/** All but the empty one, the smallest first. */
function subsets<T>(items: readonly T[]): T[][] {
  const all: T[][] = [[]];
  for (const item of items) all.push(...all.map((set) => [...set, item]));
  return all.slice(1).sort((a, b) => a.length - b.length);
}

function joined(kept: readonly FacetValues[], index: number): string {
  return kept.map(({ name, values }) => labelled(name, values[index] ?? '')).join(', ');
}

function labelled(name: FacetName, value: string): string {
  return name === 'model' ? value : (facets[name].label?.(value) ?? value);
}

export function threadsText(threads: string | number): string {
  return String(threads) === '1' ? '1 thread' : `${threads} threads`;
}

/** The ends of the paths that tell them apart: the name of the file, and as many of its folders as that takes. */
export function modelNames(paths: readonly string[]): string[] {
  const distinct = [...new Set(paths)];
  return paths.map((path) => {
    const parts = path.split(/[\\/]/);
    for (let count = 1; count < parts.length; count++) {
      const end = parts.slice(-count);
      const matches = distinct.filter((other) => {
        const others = other.split(/[\\/]/).slice(-count);
        return others.length === count && others.every((part, index) => part === end[index]);
      });
      if (matches.length === 1) return end.join('/');
    }
    return path;
  });
}

/** At most so many characters; the middle of a longer name is left out, since names often differ at their ends. */
export function shortened(name: string, longest: number): string {
  if (name.length <= longest) return name;
  const kept = longest - 1;
  const behind = Math.floor(kept / 2);
  return `${name.slice(0, kept - behind)}…${name.slice(name.length - behind)}`;
}

/** Each shortened, unless two different ones would then read alike. */
export function shortenedAll(names: readonly string[], longest: number): string[] {
  const short = names.map((name) => shortened(name, longest));
  const distinct = (texts: readonly string[]): number => new Set(texts).size;
  return distinct(short) === distinct(names) ? short : [...names];
}
