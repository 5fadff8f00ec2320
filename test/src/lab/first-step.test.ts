// The step that providers are compared by is the first of the run itself.
import { expect, it } from 'vitest';
import type { Engine, Feeds } from '../../../src/engines/engine.js';
import { firstSearchStep } from '../../../src/lab/first-step.js';
import { MemoryFiles } from '../../../src/runs/memory-files.js';
import { createRun } from '../../../src/runs/run-store.js';
import { searchInStore } from '../../../src/search/search-run.js';
import { classification } from '../../../src/tasks/classification/task.js';
import { interpreterEngine } from '../../support/interpreter-engine.js';
import { smallDataset } from '../deploy/quantize/small-dataset.js';

it('is fed what the first step of a joint search is fed', async () => {
  const data = smallDataset();
  const given = { data: data.name, cells: 1, channels: 1, batch: 2, epochs: 1, mode: 'joint' as const };
  const recipe = classification.search.resolve({ preset: 'small', given, threads: 1 });
  const problem = classification.search.problem(recipe, data);
  const fed: Feeds[] = [];
  class Enough extends Error {}
  const inner = interpreterEngine();
  const engine: Engine = {
    ...inner,
    prepare: async (program, state) => ({
      ...(await inner.prepare(program, state)),
      run: async (feeds) => {
        fed.push(feeds);
        throw new Enough();
      },
    }),
  };
  const run = searchInStore(
    await createRun(new MemoryFiles(), recipe),
    { recipe, problem, engine },
    { epoch() {}, progress() {}, stopped: () => false },
  );
  await expect(run).rejects.toBeInstanceOf(Enough);
  expect(await firstSearchStep(problem, recipe).feeds()).toEqual(fed[0]);
});
