import { readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { FolderFiles } from '../../../src/runs/folder-files.js';
import { fileClockMs, type LeaseTimes } from '../../../src/runs/lease.js';
import { acquireLock } from '../../../src/runs/lock.js';
import { createRun, runFiles } from '../../../src/runs/run-store.js';
import { refusal, scratch } from './helpers.js';

afterEach(() => {
  vi.useRealTimers();
});

const leaseMs = 60_000;
const elsewhere = { pid: 1, host: 'elsewhere.invalid', token: 'a1', leaseMs };
const asleep: LeaseTimes = { lostMs: 60, trustedMs: 20, renewMs: 1_000_000 };

/** A lock file that was renewed last so long ago, by the clock of the disk. */
function lockRenewed(agoMs: number, holder: object = elsewhere): string {
  const path = join(scratch(), 'lock');
  const renewed = (fileClockMs(path) - agoMs) / 1000;
  writeFileSync(path, JSON.stringify(holder));
  utimesSync(path, renewed, renewed);
  return path;
}

/** What another machine would see: a holder of which it can know nothing. */
function moveElsewhere(path: string): void {
  writeFileSync(
    path,
    JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), host: 'elsewhere.invalid' }),
  );
}

describe('a lock of another machine', () => {
  it('is believed while it is renewed, and lost afterwards', async () => {
    const held = lockRenewed(leaseMs - 5_000);
    const error = await refusal('run-locked', () => acquireLock(held));
    expect(error.details.cure).toContain('lost after 60 s');
    const left = lockRenewed(leaseMs + 5_000);
    const lock = acquireLock(left);
    expect(JSON.parse(readFileSync(left, 'utf8')).host).toBe(hostname());
    lock.release();
  });

  it('is as old as the disk says, whatever the clocks of the machines', async () => {
    const [held, left] = [lockRenewed(1_000), lockRenewed(2 * leaseMs)];
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 86_400_000 });
    await refusal('run-locked', () => acquireLock(held));
    vi.setSystemTime(0);
    acquireLock(left).release();
  });

  it('is that of another container, too', async () => {
    const own = acquireLock(join(scratch(), 'lock'));
    own.release();
    const here = { ...elsewhere, host: hostname(), processes: 'pid:[1]' };
    const isLinux = process.platform === 'linux';
    await refusal('run-locked', () => {
      acquireLock(lockRenewed(1_000, here));
      // Other systems see all processes; that of the lock is alive there.
      if (!isLinux) acquireLock(lockRenewed(1_000, { ...here, pid: process.pid }));
    });
    if (isLinux) acquireLock(lockRenewed(2 * leaseMs, here)).release();
  });
});

describe('a holder', () => {
  it('renews its lease, and stops when it is released', async () => {
    const path = join(scratch(), 'lock');
    const lock = acquireLock(path, { lostMs: 120_000, trustedMs: 60_000, renewMs: 5 });
    const text = readFileSync(path, 'utf8');
    utimesSync(path, 1, 1);
    await expect.poll(() => statSync(path).mtimeMs, { timeout: 50_000 }).toBeGreaterThan(1_000_000);
    expect(readFileSync(path, 'utf8')).toBe(text);
    lock.release();
    writeFileSync(path, text);
    utimesSync(path, 1, 1);
    await wait(30);
    expect(statSync(path).mtimeMs).toBe(1000);
  });

  it('that slept goes on if nobody came, and renews before it does', async () => {
    const path = join(scratch(), 'lock');
    const lock = acquireLock(path, asleep);
    await wait(30);
    utimesSync(path, 1, 1);
    lock.requireHeld();
    expect(statSync(path).mtimeMs).toBeGreaterThan(1_000_000);
    expect(readdirSync(join(path, '..'))).toEqual(['lock']);
    lock.release();
  });

  it('that slept while another took over must not write', async () => {
    const path = join(scratch(), 'lock');
    const sleeper = acquireLock(path, asleep);
    moveElsewhere(path);
    await wait(90);
    const other = acquireLock(path);
    await refusal('lease-lost', () => sleeper.requireHeld());
    sleeper.release();
    other.requireHeld();
    other.release();
    await refusal('lease-lost', () => sleeper.requireHeld());
  });

  it('that slept waits for whoever is taking over at this moment', async () => {
    const path = join(scratch(), 'lock');
    const sleeper = acquireLock(path, asleep);
    const { token } = JSON.parse(readFileSync(path, 'utf8'));
    const taking = acquireLock(`${path}.${token}`);
    await wait(30);
    await refusal('run-locked', () => sleeper.requireHeld());
    taking.release();
    sleeper.requireHeld();
    sleeper.release();
  });

  it('whose lock file was deleted notices at its next word', async () => {
    const files = new FolderFiles(scratch());
    const run = await createRun(files, { what: 'lease' });
    await run.journal.append({ epoch: 1 });
    await files.remove(runFiles.lock);
    const next = acquireLock(files.where(runFiles.lock));
    await refusal('lease-lost', () => run.journal.append({ epoch: 2 }));
    await refusal('lease-lost', () => run.writeJson('results.json', {}));
    await refusal('lease-lost', () => run.checkpoints.write({ arrays: {}, state: {}, journalBytes: 0 }));
    await run.abandon();
    expect((await files.list('')).sort()).toEqual([runFiles.config, runFiles.journal, runFiles.lock]);
    expect(String(await files.read(runFiles.journal))).toBe('{"epoch":1}\n');
    next.release();
  });
});
