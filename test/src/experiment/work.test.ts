import { describe, expect, it } from 'vitest';
import { taskSettings } from '../../../src/cli/run-settings.js';
import type { ExperimentName, Scale } from '../../../src/experiment/names.js';
import { planShared } from '../../../src/experiment/shared-plan.js';
import { studyOf } from '../../../src/experiment/study-of.js';
import { type Work, workOf } from '../../../src/experiment/work.js';
import { readDeclaration } from '../../../src/library/experiment.js';
import type { PlannedMethod } from '../../../src/study/plan.js';

async function planned(name: ExperimentName, scale: Scale): Promise<{ plan: PlannedMethod[]; work: Work[] }> {
  const { declaration } = await readDeclaration(name);
  if (declaration.kind !== 'table') throw new Error(`${name} is no table.`);
  const needs = declaration.scales[scale];
  const study = studyOf(declaration, {
    scale,
    source: name,
    optionsOf: (task) => taskSettings[task],
    given: { data: needs.data?.what, searchData: needs['search-data']?.what },
  });
  const plan = planShared(study, { place: '/runs', checksums: {} });
  const train = needs.data?.examples ?? 2000;
  return { plan, work: workOf(study, plan, { train, search: needs['search-data']?.examples ?? train }) };
}

const foldersOf = (plans: readonly PlannedMethod[], part: 'search' | 'child') =>
  new Set(plans.flatMap(({ runs }) => runs.map((run) => run[part])));

describe('the work of an experiment', () => {
  it('has the steps of the published settings', async () => {
    const { work } = await planned('table-1', 'paper');
    const data = work.filter(({ method }) => method.name === 'DATA (M = 7)');
    expect(data.map(({ kind, folders, epochs, steps }) => [kind, folders.length, epochs, steps])).toEqual([
      ['search', 1, 100, 100 * Math.ceil(25_000 / 64)],
      ['train', 5, 600, 600 * Math.ceil(50_000 / 96)],
    ]);
    const [imagenet] = (await planned('table-2', 'paper')).work;
    expect(imagenet?.steps).toBe(250 * Math.ceil(1_281_167 / 128));
    const [voc] = (await planned('table-6', 'paper')).work;
    expect([voc?.steps, voc?.examples]).toEqual([30_000, 30_000 * 16]);
    const [, ptb] = (await planned('table-3', 'paper')).work;
    expect([ptb?.epochs, ptb?.steps]).toEqual([1600, 1600 * Math.ceil(929_589 / (64 * 35))]);
  });

  it('is counted once where methods share it', async () => {
    const { work } = await planned('table-7', 'small');
    const darts = work.filter(({ method }) => method.name.startsWith('DARTS'));
    expect(darts.map(({ kind, method }) => [kind, method.derive?.operations])).toEqual([
      ['search', undefined],
      ['train', undefined],
      ['train', 2],
      ['train', 3],
    ]);
  });
});

describe('the folders of runs', () => {
  it('are the same for the same search and child, whatever experiment asks, and others otherwise', async () => {
    const names = [
      'table-1',
      'table-5',
      'table-7',
      'table-8',
      'figure-3a',
      'figure-3b',
      'figure-3c',
    ] as const;
    const all = new Map(
      await Promise.all(names.map(async (name) => [name, (await planned(name, 'small')).plan] as const)),
    );
    const of = (name: (typeof names)[number], part: 'search' | 'child') =>
      foldersOf(all.get(name) ?? [], part);
    const shared = (a: ReadonlySet<string>, b: ReadonlySet<string>) =>
      [...a].filter((one) => b.has(one)).length;
    for (const figure of ['figure-3a', 'figure-3c'] as const)
      expect(shared(of(figure, 'search'), of('table-8', 'search'))).toBe(6);
    expect(of('figure-3b', 'child')).toEqual(of('table-5', 'child'));
    // M = 1, 4 and 7, two seeds each.
    expect(shared(of('table-5', 'child'), of('table-7', 'child'))).toBe(6);
    // M = 4 and 7, DARTS and SNAS.
    expect(shared(of('table-1', 'child'), of('table-7', 'child'))).toBe(8);
    // DARTS, SNAS and M = 7 of the first seed.
    expect(shared(of('table-1', 'search'), of('table-8', 'search'))).toBe(3);
    expect(of('table-7', 'child').size).toBe(14);
  });

  it('serve Table 4 with the searches of Table 3', async () => {
    const [three, four] = await Promise.all([planned('table-3', 'small'), planned('table-4', 'small')]);
    expect(foldersOf(four.plan, 'search')).toEqual(foldersOf(three.plan, 'search'));
    const children = [...foldersOf(four.plan, 'child')];
    expect(children.filter((child) => foldersOf(three.plan, 'child').has(child))).toEqual([]);
  });
});
