import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { acquireLock } from '../../../src/runs/lock.js';
import { FolderStore } from '../../../src/store/folder-store.js';
import { HttpStore } from '../../../src/store/http-store.js';
import type { Store } from '../../../src/store/store.js';
import { type ServedStore, serveStore } from '../../../src/store/store-server.js';
import { refusal, scratch } from '../runs/helpers.js';
import { id, made, run } from './helpers.js';

const served: ServedStore[] = [];
afterEach(async () => {
  for (const one of served.splice(0)) await one.close();
});

interface Opened {
  readonly kept: FolderStore;
  /** As a machine of that name sees it. */
  readonly on: (host: string) => Store;
}

const kinds: readonly [string, () => Promise<Opened>][] = [
  [
    'a folder',
    async () => {
      const kept = new FolderStore(join(scratch(), 'store'));
      await kept.make();
      return { kept, on: () => new FolderStore(kept.path) };
    },
  ],
  [
    'HTTP',
    async () => {
      const kept = new FolderStore(join(scratch(), 'store'));
      const server = await serveStore({ store: kept, token: 'secret', host: '127.0.0.1', port: 0 });
      served.push(server);
      const address = `http://127.0.0.1:${server.port}`;
      return { kept, on: (host) => new HttpStore({ address, token: 'secret', scratch: scratch(), host }) };
    },
  ],
];

const textsIn = (folder: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
      .map((path) => [path.slice(folder.length + 1), readFileSync(path, 'utf8')]),
  );

describe.each(kinds)('a store in %s', (_name, open) => {
  it('publishes a run whole, and brings it to whoever asks', async () => {
    const { kept, on } = await open();
    const store = on('a');
    expect(await store.id()).toBe(await kept.id());
    expect(await store.published(id)).toBeUndefined();
    const place = made(await store.open(id));
    await place.attempt({ host: 'a', from: null });
    const { published, differing } = await place.publish();
    expect(differing).toBeUndefined();
    expect(published).toMatchObject({ id, attempts: [{ host: 'a', from: null }], continuedElsewhere: false });
    expect(await store.published(id)).toEqual(published);
    expect(existsSync(place.folder)).toBe(false);
    expect(readdirSync(join(kept.path, 'unfinished'))).toEqual([]);
    const folder = join(scratch(), 'child');
    await on('b').fetch(id, folder, `${folder}.log`);
    expect(textsIn(folder)).toEqual(run);
    expect(readFileSync(`${folder}.log`, 'utf8')).toBe('epoch 1\n');
  });

  it('keeps what was first, and says where the second one differs', async () => {
    const { kept, on } = await open();
    await made(await on('a').open(id)).publish();
    const again = made(await on('b').open(id), {
      ...run,
      'journal.jsonl': 'other times\n',
      'model.onnx': 'y',
    });
    const { differing, published } = await again.publish();
    expect(differing).toEqual(['model.onnx']);
    expect(published).toEqual(await kept.published(id));
    expect(readFileSync(join(kept.run(id), 'model.onnx'), 'utf8')).toBe(run['model.onnx']);
    expect(readdirSync(join(kept.path, 'unfinished'))).toEqual([]);
  });

  it('has others go on from a checkpoint', async () => {
    const { on } = await open();
    const begun = made(await on('a').open(id));
    await begun.attempt({ host: 'a', from: null });
    await begun.save();
    const { attempts, checkpoint } = await on('b').begun(id);
    expect({ attempts, checkpoint }).toEqual({ attempts: [{ host: 'a', from: null }], checkpoint: '000002' });
    const place = await on('b').open(id);
    expect(textsIn(place.folder)).toEqual(run);
    await place.attempt({ host: 'b', from: '000002' });
    writeFileSync(join(place.folder, 'model.onnx'), 'longer');
    expect((await place.publish()).published).toMatchObject({ continuedElsewhere: true });
  });

  it('is not published from under somebody who works in it', async () => {
    const { on } = await open();
    const place = made(await on('a').open(id));
    const lock = acquireLock(join(place.folder, 'run.lock'));
    await refusal('run-locked', () => place.publish());
    lock.release();
    await place.publish();
  });

  it('tidies up behind whoever died as it had published', async () => {
    const { kept, on } = await open();
    const store = on('a');
    await made(await store.open(id)).publish();
    await on('a').tidy(id);
    const again = made(await store.open(id));
    const lock = acquireLock(join(again.folder, 'run.lock'));
    await refusal('run-locked', () => store.tidy(id));
    lock.release();
    await store.tidy(id);
    expect(existsSync(again.folder)).toBe(false);
    expect(await kept.published(id)).toBeDefined();
    const other = made(await store.open(`${id}0`));
    if (store instanceof FolderStore) await store.tidy(`${id}0`);
    expect(existsSync(other.folder)).toBe(true);
  });

  it('notices a file that was damaged, and brings nothing then', async () => {
    const { kept, on } = await open();
    await made(await on('a').open(id)).publish();
    writeFileSync(join(kept.run(id), 'model.onnx'), 'z'.repeat(3000));
    const folder = join(scratch(), 'child');
    const error = await refusal('file-corrupt', () => on('b').fetch(id, folder, `${folder}.log`));
    expect(error.details.where).toBe(`${id}/model.onnx`);
    expect(readdirSync(join(folder, '..'))).toEqual([]);
  });

  it('refuses ids that are none', async () => {
    const { on } = await open();
    for (const bad of ['..', '../other', '.hidden', 'Train', ''])
      await refusal('store', async () => {
        await on('a').published(bad);
        await on('a').open(bad);
      });
  });
});
