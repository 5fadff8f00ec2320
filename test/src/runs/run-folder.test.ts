import { once } from 'node:events';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { createRunFolder, openRunFolder } from '../../../src/runs/run-folder.js';
import { refusal, scratch } from './helpers.js';

const config = { seed: 1 };

describe('run folders', () => {
  it('are made with the folders above them, and hold plain files', async () => {
    const path = join(scratch(), 'deep', 'run');
    const run = await createRunFolder(path, config);
    expect(run.path).toBe(path);
    expect(readdirSync(path).sort()).toEqual(['config.json', 'journal.jsonl', 'run.lock']);
    await run.close();
    expect(readdirSync(path).sort()).toEqual(['config.json', 'journal.jsonl']);
  });

  it('are not made where something is, and leave nothing then', async () => {
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

  it('go with what was made for them where they are abandoned', async () => {
    const top = scratch();
    const [first, second] = [join(top, 'a', 'b', 'run'), join(top, 'a', 'other')];
    const run = await createRunFolder(first, config);
    const other = await createRunFolder(second, config);
    await run.abandon();
    expect(readdirSync(join(top, 'a'))).toEqual(['other']);
    await other.checkpoints.write({ arrays: {}, state: {}, journalBytes: 0 });
    await other.abandon();
    expect(readdirSync(second).sort()).toEqual(['checkpoints', 'config.json', 'journal.jsonl']);
    // A folder that was there before stays.
    const mine = join(top, 'mine');
    mkdirSync(mine);
    await (await createRunFolder(mine, config)).abandon();
    expect(readdirSync(mine)).toEqual([]);
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
});
