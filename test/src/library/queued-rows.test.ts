import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { queuedRows } from '../../../src/library/queued-rows.js';
import type { QueuedCommand, QueuedRuns } from '../../../src/library/queued-runs.js';
import { declarationSchema } from '../../../src/table/declaration.js';
import { parsePart } from '../../../src/table/part.js';

const declaration = declarationSchema.parse({
  name: 'A few',
  task: 'one-cell',
  data: 'fashion-mnist',
  limit: 80,
  seeds: [1, 2],
});
const planned = [1, 2].flatMap((seed) =>
  Array.from({ length: 10 }, (_, network) => ({
    seed,
    network,
    architecture: `a${network}`,
    genotype: `g${network}`,
  })),
);
const rowsOf = ({ args }: QueuedCommand) => parsePart(args.at(-1) ?? '');

/** A queue that makes everything at once, but for parts with that network. */
function fakeQueue(failing?: number) {
  const asked: QueuedCommand[] = [];
  const make: QueuedRuns['make'] = async (command, { folder }) => {
    asked.push(command);
    const runs = rowsOf(command);
    if (runs.some(({ network }) => network === failing)) return { exitCode: 1, lastLines: ['it diverged'] };
    mkdirSync(folder);
    const lines = runs.map(({ seed, network }) => {
      const row = { architecture: `a${network}`, seed, parameters: network, macs: 1, seconds: 1 };
      return JSON.stringify({ ...row, epochs: [{ epoch: 1, train: { loss: 1 } }] });
    });
    writeFileSync(join(folder, 'journal.jsonl'), `${lines.join('\n')}\n`);
    return { exitCode: 0, lastLines: [] };
  };
  return { asked, make };
}

async function trained(make: QueuedRuns['make'], of = declaration) {
  const { signal } = new AbortController();
  const start = queuedRows({ queued: { make }, declaration: of, planned, signal });
  return Promise.all(
    planned.map(async (run) =>
      (await start()).train(run).catch((error: Error) => ({ failure: error.message })),
    ),
  );
}

describe('rows from a queue', () => {
  it('come in parts that are each asked for once', async () => {
    const { asked, make } = fakeQueue();
    const rows = await trained(make);
    expect(rows).toMatchObject(planned.map(({ seed, architecture }) => ({ seed, architecture })));
    expect(asked.map((command) => rowsOf(command).length)).toEqual([16, 4]);
    expect(asked[0]).toMatchObject({
      kind: 'rows',
      data: { task: 'one-cell', name: 'fashion-mnist', limit: 80 },
    });
    expect(JSON.parse(asked[1]?.args[2] ?? '')).toMatchObject({ seeds: [2], data: 'fashion-mnist' });
  });

  it('are the same job for a table of another name and more seeds, and another one for another recipe', async () => {
    const first = fakeQueue();
    await trained(first.make);
    const configurationOf = async (of: typeof declaration) => {
      const { asked, make } = fakeQueue();
      await trained(make, of);
      return asked[0]?.configuration;
    };
    expect(await configurationOf({ ...declaration, name: 'Others', seeds: [1, 2, 3] })).toEqual(
      first.asked[0]?.configuration,
    );
    expect(await configurationOf({ ...declaration, threads: 2 })).not.toEqual(first.asked[0]?.configuration);
  });

  it('are asked for one by one where a part fails, so that the others count', async () => {
    const { asked, make } = fakeQueue(3);
    const rows = await trained(make);
    const failed = rows.filter((row) => 'failure' in row);
    expect(failed).toHaveLength(2);
    expect(failed[0]).toMatchObject({ failure: expect.stringContaining('it diverged') });
    expect(rows).toHaveLength(20);
    expect(asked.map((command) => rowsOf(command).length).filter((size) => size === 1)).toHaveLength(16);
  });
});
