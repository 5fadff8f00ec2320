import { describe, expect, it } from 'vitest';
import type { Row } from '../../../src/table/rows.js';
import { plannedRuns, runTable, type TableWork } from '../../../src/table/run-table.js';
import type { RowWorker } from '../../../src/table/worker-process.js';

const genotype = { cell: { nodes: [[{ primitive: 'skip_connect', input: 0 }]], concat: [1] } };
const cells = ['a', 'b', 'none'].map((architecture) =>
  architecture === 'none' ? { architecture, codes: 1 } : { architecture, codes: 1, genotype },
);
const rowOf = (architecture: string, seed: number): Row => ({
  architecture,
  seed,
  parameters: 1,
  macs: 1,
  epochs: [{ epoch: 1, train: { accuracy: 0.5 } }],
  seconds: 1,
});

/** Runs a table whose trainings `train` answers. */
async function tableOf(train: RowWorker['train'], given: Partial<TableWork> = {}) {
  const kept: Row[] = [];
  let started = 0;
  const rows = await runTable({
    seeds: [1, 2],
    cells,
    print: () => 'text',
    rows: [],
    jobs: 2,
    start: async () => {
      started += 1;
      return { train, close: () => {} };
    },
    keep: async (row) => {
      kept.push(row);
    },
    signal: new AbortController().signal,
    line: () => {},
    progress: () => {},
    ...given,
  });
  return { rows, kept, started };
}

describe('a table', () => {
  it('plans the first seed of every network before the second', () => {
    const plan = plannedRuns({ seeds: [1, 2], cells, print: () => 'text' });
    expect(plan.map(({ architecture, seed }) => `${architecture}${seed}`)).toEqual(['a1', 'b1', 'a2', 'b2']);
  });

  it('trains what is left, with as many workers as are asked for', async () => {
    const { rows, kept, started } = await tableOf(
      async ({ architecture, seed }) => rowOf(architecture, seed),
      {
        rows: [rowOf('a', 1)],
      },
    );
    expect(kept.map(({ architecture, seed }) => `${architecture}${seed}`).sort()).toEqual(['a2', 'b1', 'b2']);
    expect(rows).toHaveLength(4);
    expect(started).toBe(2);
  });

  it('records a training that fails, and one whose process ends, and goes on', async () => {
    const { kept, started } = await tableOf(
      async ({ architecture, seed }) => {
        if (seed === 2 && architecture === 'a') throw new Error('it was killed');
        return architecture === 'b' ? { architecture, seed, failure: 'no' } : rowOf(architecture, seed);
      },
      { jobs: 1 },
    );
    expect(kept.map((row) => ('failure' in row ? row.failure : 'done'))).toEqual([
      'done',
      'no',
      'it was killed',
      'no',
    ]);
    // The one that ended, and one in its place.
    expect(started).toBe(2);
  });

  it('tries again what has failed', async () => {
    const failed = { architecture: 'a', seed: 1, failure: 'no' };
    const { kept } = await tableOf(async ({ architecture, seed }) => rowOf(architecture, seed), {
      rows: [failed],
    });
    expect(kept).toHaveLength(4);
  });

  it('stops at once', async () => {
    const controller = new AbortController();
    const { rows } = await tableOf(
      () => {
        controller.abort();
        return new Promise(() => {});
      },
      { signal: controller.signal },
    );
    expect(rows).toEqual([]);
  });
});
