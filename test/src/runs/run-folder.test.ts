import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { createRunFolder, differences, openRunFolder } from '../../../src/runs/run-folder.js';
import { refusal, scratch } from './helpers.js';

const config = {
  seed: 1,
  weights: { learningRate: 0.025, momentum: 0.9 },
  ranks: [1, 2],
  createdAt: 'today',
  limit: undefined,
};

describe('run folders', () => {
  it('are made with their configuration and opened again', async () => {
    const path = join(scratch(), 'deep', 'run');
    const run = await createRunFolder(path, config);
    await run.journal.append({ epoch: 1 });
    await run.writeJson('genotype.json', { normal: [] });
    await run.close();
    expect(readdirSync(path).sort()).toEqual(['config.json', 'genotype.json', 'journal.jsonl']);
    const { limit: _, ...resolved } = config;
    expect(JSON.parse(readFileSync(join(path, 'config.json'), 'utf8'))).toEqual(resolved);
    const again = await openRunFolder(path, { ...config, createdAt: 'tomorrow' });
    expect(again.config).toEqual(resolved);
    expect(again.journal.length).toBe(run.journal.length);
    await again.close();
  });

  it('say what differs from another configuration', async () => {
    const path = join(scratch(), 'run');
    await (await createRunFolder(path, config)).close();
    const other = { ...config, weights: { learningRate: 0.1, momentum: 0.9 }, ranks: [1, 3], padTo: 32 };
    const { details } = await refusal('resume-mismatch', () => openRunFolder(path, other));
    expect(details.expected).toBe('weights.learningRate = 0.1, ranks.1 = 3, padTo = 32');
    expect(details.found).toBe('weights.learningRate = 0.025, ranks.1 = 2, padTo = (none)');
    const run = await openRunFolder(path, other, { volatile: ['weights', 'ranks', 'padTo'] });
    await run.close();
    expect(differences({ a: [1] }, { a: [1, 2] })).toEqual([{ path: 'a', expected: [1], found: [1, 2] }]);
  });

  it('are not made where something is', async () => {
    const folder = scratch();
    writeFileSync(join(folder, 'precious'), '');
    const error = await refusal('output-exists', () => createRunFolder(folder, config));
    expect(error.details.found).toContain('precious');
    await refusal('output-unwritable', () => createRunFolder(join(folder, 'precious'), config));
    await refusal('output-unwritable', () => createRunFolder(join(folder, 'precious', 'run'), config));
    expect(readdirSync(folder)).toEqual(['precious']);
  });

  it('may be made in an empty folder, and in one whose process died before it began', async () => {
    const folder = scratch();
    const run = await createRunFolder(folder, config);
    await run.close();
    const begun = join(folder, 'begun');
    mkdirSync(begun);
    writeFileSync(join(begun, '.config.json.0123456789ab.tmp'), '{');
    await (await createRunFolder(begun, config)).close();
  });

  it('let one process in, and the next at once after a SIGKILL', async () => {
    const path = join(scratch(), 'run');
    const run = await createRunFolder(path, config);
    await refusal('run-locked', () => openRunFolder(path));
    await run.close();
    // Another process that holds the folder by writing itself into its lock file.
    const script = `
      const held = { pid: process.pid, host: require('node:os').hostname(), token: 'ab' };
      require('node:fs').writeFileSync(process.argv[1], JSON.stringify(held), { flag: 'wx' });
      console.log('held');
      setInterval(() => {}, 1000);`;
    const child = execa(process.execPath, ['-e', script, join(path, 'run.lock')], { reject: false });
    await once(child.stdout, 'data');
    await refusal('run-locked', () => openRunFolder(path));
    child.kill('SIGKILL');
    await child;
    await (await openRunFolder(path)).close();
  });

  it('are refused when they are none, or damaged', async () => {
    const folder = scratch();
    await refusal('file-missing', () => openRunFolder(folder));
    writeFileSync(join(folder, 'config.json'), '{"seed":');
    await refusal('file-corrupt', () => openRunFolder(folder));
  });
});
