// Signals at any moment of a short run's life, its start included: once or twice, in whatever the main thread or the
// runtime's thread is at. The process ends by itself or by the signal, never by an abort of native code, and the run goes
// on from where it was stopped to the bytes of one that never was.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { openStream } from '../../src/random.js';
import { freshFolder, genonnx } from './command.js';
import { commands, expectSameRun, hasBegun, type TinyKind } from './tiny-runs.js';

/** Another one tries other moments: SIGNALS_SEED=2 npx vitest run test/e2e/signals.test.ts */
const seed = Number(process.env.SIGNALS_SEED ?? 1);
const momentsOf = { search: 12, train: 8 } as const;

/** Fewer steps than `resume.test.ts`: most of a short life is starting up, which is where most can go wrong. */
const tiny = (kind: TinyKind) => [...commands[kind], '--limit', '64'];

/** execa would send a SIGKILL after a while. */
const patiently = { forceKillAfterDelay: false } as const;

interface Moment {
  readonly signal: 'SIGINT' | 'SIGTERM';
  /** As a share of the life of a run that nobody stops. */
  readonly share: number;
  /** When the second one follows; once where absent. Shorter and longer than what counts as one request. */
  readonly againMs?: number;
}

/** Spread evenly, each at a random place of its share. */
function moments(kind: TinyKind): Moment[] {
  const stream = openStream(seed, `signals-${kind}`);
  const count = momentsOf[kind];
  return Array.from({ length: count }, (_, index) => {
    const signal = stream.integer(2) === 0 ? 'SIGINT' : 'SIGTERM';
    const share = (index + stream.uniform()) / count;
    const once = { signal, share } as const;
    return index % 2 === 0 ? once : { ...once, againMs: stream.integer(2) * 300 + stream.integer(150) };
  });
}

const aborted = /terminate called|Napi|FATAL|Segmentation fault|core dumped/;

describe.each(['search', 'train'] as const)('a %s', (kind) => {
  it('ends well by signals at any moment', { timeout: 600_000 }, async () => {
    const folder = freshFolder();
    const [whole, cut] = [join(folder, 'whole'), join(folder, 'cut')];
    const startedAt = performance.now();
    const reference = await genonnx([...tiny(kind), '--out', whole]);
    expect(reference.exitCode, String(reference.stderr)).toBe(0);
    const wholeMs = performance.now() - startedAt;

    const next = () => (hasBegun(cut) ? [kind, '--resume', cut] : [...tiny(kind), '--out', cut]);
    for (const { signal, share, againMs } of moments(kind)) {
      const atMs = share * wholeMs;
      const what = `seed ${seed}: ${signal} at ${atMs.toFixed(0)} ms, again after ${againMs ?? 'no'} ms`;
      const run = genonnx(next(), patiently);
      // The process may end in the meantime: nobody waits for longer than that.
      const ended = run.then((result) => result);
      await Promise.race([wait(atMs), ended]);
      run.kill(signal);
      if (againMs !== undefined) {
        await Promise.race([wait(againMs), ended]);
        run.kill(signal);
      }
      const { exitCode, signal: endedBy, stderr } = await ended;
      const words = String(stderr);
      expect(words, what).not.toMatch(aborted);
      if (endedBy === undefined) expect([0, 130], `${what}: ${words}`).toContain(exitCode);
      else expect(endedBy, `${what}: ${words}`).toBe(signal);
      if (exitCode === 130) expect(words, what).toContain(`genonnx ${kind} --resume ${cut}`);
      // One that has finished gives way to a new one.
      if (exitCode === 0) {
        expectSameRun(kind, cut, whole);
        rmSync(cut, { recursive: true });
      }
    }
    const last = await genonnx(next());
    expect(last.exitCode, String(last.stderr)).toBe(0);
    expectSameRun(kind, cut, whole);
  });
});

describe('two signals that arrive as one', () => {
  it('are one request: the run writes a checkpoint and says how to go on', { timeout: 60_000 }, async () => {
    const out = join(freshFolder(), 'run');
    const run = genonnx([...commands.search, '--epochs', '40', '--out', out], patiently);
    run.stderr?.on('data', (text) => {
      if (!String(text).includes('epoch 1/')) return;
      run.kill('SIGTERM');
      run.kill('SIGTERM');
    });
    const ended = await run;
    expect(ended.exitCode, String(ended.stderr)).toBe(130);
  });
});

describe('a second signal', () => {
  it('ends the process at once, by the signal', { timeout: 60_000 }, async () => {
    const out = join(freshFolder(), 'run');
    // Large steps: it is in the runtime's code when the second one arrives.
    const size = ['--cells', '4', '--channels', '16', '--batch', '64', '--limit', '2000'];
    const run = genonnx([...commands.search, ...size, '--method', 'darts', '--out', out], patiently);
    run.stderr?.on('data', (text) => {
      if (String(text).includes('search:')) run.kill('SIGINT');
      if (String(text).includes('Stopping')) setTimeout(() => run.kill('SIGINT'), 400);
    });
    const ended = await run;
    expect(ended.stderr).not.toMatch(aborted);
    expect([ended.exitCode, ended.signal]).toEqual([undefined, 'SIGINT']);
  });
});
