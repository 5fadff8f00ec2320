// Where the runs of experiments lie, which many of them have in common: whatever determines a search or a training is in the name
// of its folder, so that the same one is made once, whichever experiment asks for it first.
//
//   searches/<method>-<digest>/             a run folder of `genonnx search`
//   runs/<method>-<digest>/child/           a run folder of `genonnx train`; drawn.json beside it, of random genotypes
//   <experiment>-<scale>/                   journal and results of an experiment
import { join } from 'node:path';
import { sha256Hex } from '../hash.js';
import type { Method, Study } from '../study/config.js';
import { folderNames, type PlannedMethod, type PlannedRun } from '../study/plan.js';

export interface SharedPlanOptions {
  /** Of all experiments. */
  readonly place: string;
  /** Of the data that is trained on. */
  readonly checksums: Readonly<Record<string, string>>;
}

export function planShared(study: Study, { place, checksums }: SharedPlanOptions): PlannedMethod[] {
  return study.methods.map((method) => ({
    method,
    // Nothing that has an experiment has a budget of seconds.
    calibration: join(place, 'calibration', digestOf(searchOf(study, method, 0))),
    runs: study.seeds.map((seed) => planned(study, method, seed, { place, checksums })),
  }));
}

function planned(
  study: Study,
  method: Method,
  seed: number,
  { place, checksums }: SharedPlanOptions,
): PlannedRun {
  const searchSeed = study.searchSeed ?? seed;
  const search = searchOf(study, method, searchSeed);
  const { task, data, limit, preset, threads, train } = study;
  const run = {
    origin: originOf(study, method, search),
    task,
    data,
    checksums,
    limit,
    preset,
    threads,
    train: { ...train, ...method.recipe?.train },
    seed,
  };
  const [plain = method.method] = folderNames([method.method]);
  const folder = join(place, 'runs', `${plain}-${digestOf(run)}`);
  return {
    method,
    seed,
    searchSeed,
    title: `${method.name}, seed ${seed}`,
    folder,
    search: join(place, 'searches', `${plain}-${digestOf(search)}`),
    drawn: join(folder, 'drawn.json'),
    child: join(folder, 'child'),
  };
}

/** All that determines a search. */
function searchOf(study: Study, method: Method, seed: number): object {
  const { task, data, searchData = data, limit, preset, searchPreset = preset, threads, search } = study;
  const settings = { ...search, ...method.settings };
  return { task, data: searchData, limit, preset: searchPreset, threads, settings, seed };
}

/** All that determines the genotype of a run, given its seed. */
function originOf(study: Study, method: Method, search: object): object {
  const { genotype, derive, random } = method;
  if (genotype !== undefined) return { genotype };
  if (random === undefined) return { search, derive };
  const target = random.match?.target;
  const matched = study.methods.find(({ name }) => name === target);
  if (matched === undefined) return { random };
  const searches = study.seeds.map((seed) => searchOf(study, matched, study.searchSeed ?? seed));
  return { random: { ...random, match: { ...random.match, target: searches } } };
}

const digits = 12;

function digestOf(content: object): string {
  return sha256Hex(JSON.stringify(sorted(content))).slice(0, digits);
}

/** The same whatever the order of the keys. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, member]) => [key, sorted(member)]),
  );
}
