import { once } from 'node:events';
import { readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { acquireLock, lockState } from '../../../src/runs/lock.js';
import { refusal, scratch } from './helpers.js';

/** A process that writes itself into the lock file and stays until it is killed; in an object, since it is a promise too. */
async function holder(path: string) {
  const script = `
    const fs = require('node:fs');
    let started;
    try { started = fs.readFileSync('/proc/self/stat', 'utf8').replace(/.*\\) /s, '').split(' ')[19]; } catch {}
    const held = { pid: process.pid, host: require('node:os').hostname(), started, token: 'abc' + process.pid };
    fs.writeFileSync(process.argv[1], JSON.stringify(held), { flag: 'wx' });
    console.log('held');
    setInterval(() => {}, 1000);`;
  const child = execa(process.execPath, ['-e', script, path], { reject: false });
  await once(child.stdout, 'data');
  return { child };
}

describe('lockState', () => {
  it('tells whoever only looks who is there, and leaves no file', async () => {
    const folder = scratch();
    const path = join(folder, 'lock');
    expect(lockState(path)).toBe('free');
    const lock = acquireLock(path);
    expect(lockState(path)).toBe('held');
    lock.release();
    expect(lockState(path)).toBe('free');
    const { child } = await holder(path);
    expect(lockState(path)).toBe('held');
    child.kill('SIGKILL');
    await child;
    expect(lockState(path)).toBe('left');
    const elsewhere = { pid: 1, host: 'elsewhere', token: 'abc', leaseMs: 60_000 };
    writeFileSync(path, JSON.stringify(elsewhere));
    expect(lockState(path)).toBe('held');
    const longAgo = new Date(Date.now() - 61_000);
    utimesSync(path, longAgo, longAgo);
    expect(lockState(path)).toBe('left');
    expect(readdirSync(folder)).toEqual(['lock']);
  });
});

describe('acquireLock', () => {
  it('lets one in, and the next after the release', async () => {
    const folder = scratch();
    const path = join(folder, 'lock');
    const lock = acquireLock(path);
    const error = await refusal('run-locked', () => acquireLock(path));
    expect(error.message).toContain(`process ${process.pid} on ${hostname()}`);
    lock.release();
    const next = acquireLock(path);
    lock.release();
    expect(readdirSync(folder), 'a late release leaves the lock of another').toEqual(['lock']);
    next.release();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('refuses while another process lives, and takes over at once when it was killed', async () => {
    const folder = scratch();
    const path = join(folder, 'lock');
    const { child } = await holder(path);
    const error = await refusal('run-locked', () => acquireLock(path));
    expect(error.details.found).toContain(`process ${child.pid}`);
    child.kill('SIGKILL');
    await child;
    const began = performance.now();
    const lock = acquireLock(path);
    expect(performance.now() - began).toBeLessThan(500);
    expect(readdirSync(folder)).toEqual(['lock']);
    lock.release();
  });

  it('is not deceived by a process id that was given out again', () => {
    const path = join(scratch(), 'lock');
    const own = acquireLock(path);
    const held = JSON.parse(readFileSync(path, 'utf8'));
    own.release();
    if (held.started === undefined) return;
    writeFileSync(path, JSON.stringify({ ...held, started: '1', token: 'a1' }));
    acquireLock(path).release();
    writeFileSync(path, JSON.stringify({ ...held, boot: 'an earlier one', token: 'a2' }));
    acquireLock(path).release();
  });

  it('takes a process on another machine to live that promised no renewals', async () => {
    const path = join(scratch(), 'lock');
    writeFileSync(path, JSON.stringify({ pid: 1, host: 'elsewhere.invalid', token: 'a' }));
    utimesSync(path, 1, 1);
    const error = await refusal('run-locked', () => acquireLock(path));
    expect(error.details.cure).toContain(`delete ${path}`);
  });

  it('waits for an unfinished lock file only while it is fresh', async () => {
    const path = join(scratch(), 'lock');
    writeFileSync(path, '{"pid":');
    await refusal('run-locked', () => acquireLock(path));
    utimesSync(path, 1, 1);
    acquireLock(path).release();
  });

  it('respects another takeover under way, and finishes one whose process died', async () => {
    const folder = scratch();
    const path = join(folder, 'lock');
    const { child: dead } = await holder(join(folder, 'other'));
    dead.kill('SIGKILL');
    await dead;
    const gone = { pid: dead.pid, host: hostname(), started: '1' };
    writeFileSync(path, JSON.stringify({ ...gone, token: 'aa' }));
    const takeover = acquireLock(`${path}.aa`);
    await refusal('run-locked', () => acquireLock(path));
    takeover.release();
    writeFileSync(`${path}.aa`, JSON.stringify({ ...gone, token: 'bb' }));
    acquireLock(path).release();
    expect(readdirSync(folder)).toEqual(['other']);
  });

  it('refuses a folder that is not there', async () => {
    await refusal('output-unwritable', () => acquireLock(join(scratch(), 'none', 'lock')));
  });
});
