// Runs that die on the way: what they leave must be that of a run which never stopped.
import { expect } from 'vitest';
import type { RunHooks } from '../../src/loop/stored-run.js';
import { MemoryFiles } from '../../src/runs/memory-files.js';
import { createRun, openRun, type RunStore } from '../../src/runs/run-store.js';

class Killed extends Error {}

/** A process that dies after `steps` steps: nothing is told to stop, nothing is closed. */
function dyingAfter<Epoch>(steps: number): RunHooks<Epoch> {
  let taken = 0;
  return {
    epoch() {},
    progress() {
      taken += 1;
      if (taken === steps) throw new Killed();
    },
    stopped: () => false,
  };
}

export const watching = <Epoch>(records: Epoch[] = []): RunHooks<Epoch> => ({
  epoch: (record) => records.push(record),
  progress() {},
  stopped: () => false,
});

/** Runs `work` in a store, once in one piece and once killed after these numbers of steps; gives the files of both. */
export async function wholeAndKilled<Epoch>(
  deaths: readonly number[],
  work: (store: RunStore, hooks: RunHooks<Epoch>) => Promise<unknown>,
) {
  const whole = new MemoryFiles('run');
  await work(await createRun(whole, { what: 'extension' }), watching());
  let cut = new MemoryFiles('run');
  let store = await createRun(cut, { what: 'extension' });
  for (const steps of deaths) {
    await expect(work(store, dyingAfter(steps))).rejects.toBeInstanceOf(Killed);
    // What the dead process had written is all that the next one finds.
    cut = new MemoryFiles('run', cut.entries());
    store = await openRun(cut);
  }
  await work(store, watching());
  return { whole: results(whole), cut: results(cut) };
}

/** Everything but the checkpoints' own numbers and the times of the journal; of the checkpoints the arrays of the last one. */
function results(files: MemoryFiles): Record<string, string> {
  const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1');
  const all = new Map(files.entries().map(([name, bytes]) => [name, text(bytes)]));
  const { checkpoint } = JSON.parse(all.get('checkpoints/last.json') ?? '{}');
  const kept = [...all].filter(([name]) => !name.startsWith('checkpoints/'));
  return {
    ...Object.fromEntries(kept),
    'journal.jsonl': (all.get('journal.jsonl') ?? '').replace(
      /"(?:seconds|examplesPerSecond|hostShare|dataWaitShare)":[^,}]*/g,
      '',
    ),
    arrays: all.get(`checkpoints/${checkpoint}.safetensors`) ?? '',
  };
}
