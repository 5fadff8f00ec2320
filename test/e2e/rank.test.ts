import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { printTable } from '../../src/table/table-file.js';
import { whole } from '../support/one-table.js';
import { freshFolder, genonnx } from './command.js';

const folder = freshFolder();
const table = join(folder, 'table.json');
const train = { stages: 1, cells: 1, channels: 4, stemStride: 4 };
writeFileSync(table, printTable({ ...whole, declaration: { ...whole.declaration, limit: 80, train } }));
const command = ['rank', table, '--networks', '4', '--batch', '20'];

it('a rank report is kept, and not over another one', { timeout: 120_000 }, async () => {
  const out = join(folder, 'kept');
  const ended = await genonnx([...command, '--epochs', '2', '--searches', '2', '--out', out]);
  expect(ended.exitCode, String(ended.stderr)).toBe(0);
  expect(ended.stdout).toContain('tau, 4 networks');
  expect(readdirSync(out)).toEqual(expect.arrayContaining(['rank.json', 'report.html']));
  const before = readFileSync(join(out, 'rank.json'), 'utf8');
  expect(JSON.parse(before).searches).toHaveLength(2);
  expect((await genonnx([...command, '--out', out])).exitCode).toBe(2);
  expect(readFileSync(join(out, 'rank.json'), 'utf8')).toBe(before);
});

it('one that is stopped leaves nothing', { timeout: 120_000 }, async () => {
  const out = join(folder, 'stopped');
  const run = genonnx([...command, '--epochs', '500', '--out', out]);
  run.stderr?.on('data', (text) => {
    if (String(text).includes('training images')) setTimeout(() => run.kill('SIGINT'), 500);
  });
  const ended = await run;
  expect(ended.exitCode, String(ended.stderr)).toBe(130);
  expect(ended.stderr).toContain('nothing was kept');
  expect(existsSync(out)).toBe(false);
});
