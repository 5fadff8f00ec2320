// The runs of a study, methods x seeds, and where in its folder each of them lies:
//
//   config.json, journal.jsonl, run.lock     as in every run folder
//   runs/<method>/seed-<n>/search/           a run folder of `genonnx search`; its standard error in search.log
//   runs/<method>/search/                    the same, where one search serves all seeds
//   runs/<method>-<recipe>/seed-<n>/child/   where there are several recipes; the searches are those of runs/<method>
//   runs/<method>/seed-<n>/drawn.json        what a random run has instead: its genotype, and how it was drawn
//   runs/<method>/seed-<n>/child/            a run folder of `genonnx train`; its standard error in child.log
//   calibration/<method>/                    one epoch of a search, where the budget is in seconds
//   study.json, report.html                  results
import { join, relative, sep } from 'node:path';
import type { Method, Study } from './config.js';

export const studyFiles = { results: 'study.json', report: 'report.html' } as const;

export interface PlannedRun {
  readonly method: Method;
  readonly seed: number;
  /** Of its search, which several runs may share. */
  readonly searchSeed: number;
  /** For messages: `DATA M=4, seed 1`. */
  readonly title: string;
  readonly folder: string;
  readonly search: string;
  readonly drawn: string;
  readonly child: string;
}

export interface PlannedMethod {
  readonly method: Method;
  readonly calibration: string;
  readonly runs: readonly PlannedRun[];
}

/** In the order of the study file. */
export function planRuns(study: Study, folder: string): PlannedMethod[] {
  const names = folderNames(study.methods.map(({ name }) => name));
  // Rows of several recipes share searches, which lie where those of a method of one recipe do.
  const searched = [...new Set(study.methods.map(({ name, of = name }) => of))];
  const searchNames = new Map(
    folderNames(searched).map((folderName, index) => [searched[index], folderName]),
  );
  return study.methods.map((method, index) => {
    const own = names[index] ?? String(index);
    const shared = searchNames.get(method.of ?? method.name) ?? own;
    const runs = study.seeds.map((seed) => {
      const runFolder = join(folder, 'runs', own, `seed-${seed}`);
      const place = join(folder, 'runs', shared);
      return {
        method,
        seed,
        searchSeed: study.searchSeed ?? seed,
        title: `${method.name}, seed ${seed}`,
        folder: runFolder,
        search: join(study.searchSeed === undefined ? join(place, `seed-${seed}`) : place, 'search'),
        drawn: join(runFolder, 'drawn.json'),
        child: join(runFolder, 'child'),
      };
    });
    return { method, calibration: join(folder, 'calibration', shared), runs };
  });
}

/** What the study calls a folder of its own, on every system alike: `runs/darts/seed-1/search`. */
export function nameIn(study: string, folder: string): string {
  return relative(study, folder).split(sep).join('/');
}

/** Names that every file system takes, different ones for different methods: `DATA M=4` -> `data-m-4`. */
export function folderNames(names: readonly string[]): string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    const plain =
      name
        .toLowerCase()
        .replace(/[^a-z0-9]+/g, '-')
        .replace(/^-|-$/g, '') || 'method';
    let free = plain;
    for (let n = 2; taken.has(free); n++) free = `${plain}-${n}`;
    taken.add(free);
    return free;
  });
}
