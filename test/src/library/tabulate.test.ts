// A table of a few networks, made by the command's own function: its workers are processes of what is built.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { taskSettings } from '../../../src/cli/run-settings.js';
import { report } from '../../../src/library/report.js';
import { readTable, type TabulateOptions, tabulate } from '../../../src/library/tabulate.js';
import { isNetwork } from '../../../src/table/table-file.js';

const place = mkdtempSync(join(tmpdir(), 'genonnx-tabulate-'));
afterAll(() => rmSync(place, { recursive: true }));

const file = join(place, 'few.yaml');
writeFileSync(
  file,
  `name: A few
task: one-cell
data: fashion-mnist
limit: 80
seeds: [1]
train: { stages: 1, channels: 4, epochs: 2, batch: 20, stem-stride: 4 }
`,
);
const few: TabulateOptions = {
  file,
  folder: join(place, 'table'),
  jobs: 1,
  optionsOf: (task) => taskSettings[task].train,
};

describe('a table', () => {
  it('trains a sample of its networks, and goes on with more', async () => {
    const { table, failures } = await tabulate({ ...few, limitCells: 2 });
    const trained = (of: typeof table) =>
      Object.entries(of.cells).filter(([, cell]) => isNetwork(cell) && cell.seconds[0] !== null);
    expect(failures).toEqual([]);
    expect(trained(table)).toHaveLength(2);
    for (const [, cell] of trained(table)) {
      if (!isNetwork(cell)) continue;
      expect(cell.train.accuracy?.[0]).toHaveLength(2);
      expect(cell.test.accuracy?.[0]?.every((value) => value >= 0 && value <= 1)).toBe(true);
      expect(cell.parameters).toBeGreaterThan(0);
    }
    expect(await readTable(join(few.folder, 'table.json'))).toEqual(table);
    const page = await readFile(join(few.folder, 'table.html'), 'utf8');
    expect(page).toContain('The table is not finished');
    expect(await report([few.folder])).toBe(page);
    const plan = await readFile(join(few.folder, 'plan.json'), 'utf8');
    expect(JSON.parse(plan)).toEqual({ trainings: 2, jobs: 1 });

    const more = await tabulate({ ...few, file: undefined, limitCells: 3, latency: true });
    expect(trained(more.table)).toHaveLength(3);
    // What was there stays as it was.
    for (const [architecture, cell] of trained(table))
      expect(more.table.cells[architecture]).toMatchObject({ train: isNetwork(cell) ? cell.train : {} });
    for (const [, cell] of trained(more.table))
      if (isNetwork(cell)) expect(cell.latencyMs).toBeGreaterThan(0);
  }, 120_000);

  it('is refused with the place of what cannot be', async () => {
    const wrong = (name: string, text: string): string => {
      const path = join(place, name);
      writeFileSync(path, text);
      return path;
    };
    const head = 'name: a\ntask: one-cell\ndata: fashion-mnist\nseeds: [1]\n';
    const all: readonly [string, RegExp][] = [
      [`${head}train: { epoch: 2 }`, /train\n.*expected: one of [\s\S]*Did you mean epochs/],
      [`${head}train: { seed: 2 }`, /it at the top of the declaration/],
      [`${head}space: { nodes: 1, primitives: [tanh] }`, /space\.primitives/],
      [`${head}space: { nodes: 4, primitives: [skip_connect, sep_conv_3x3] }`, /too large/],
      ['name: a', /task/],
    ];
    for (const [index, [text, message]] of all.entries()) {
      const options = { ...few, file: wrong(`${index}.yaml`, text), folder: join(place, `wrong-${index}`) };
      await expect(tabulate(options)).rejects.toThrow(message);
    }
  });
});
