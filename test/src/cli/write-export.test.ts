import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ExportFile } from '../../../exporters/export-file.js';
import { writeExport } from '../../../src/cli/write-export.js';
import { refusal, scratch } from '../runs/helpers.js';

const pieces = [Uint8Array.from([1, 2]), Uint8Array.from([3])];
const site: ExportFile[] = [
  { path: 'index.html', content: '<p>' },
  { path: 'runtime/ort.wasm', content: Uint8Array.from([7]) },
];

describe('writeExport', () => {
  it('puts companions beside a file, content in pieces one behind the other', async () => {
    const folder = scratch();
    const out = join(folder, 'm.onnx');
    const files: ExportFile[] = [
      { path: 'm.onnx.data', content: pieces },
      { path: '', content: Uint8Array.from([9]) },
    ];
    expect(await writeExport(out, files, undefined)).toEqual([join(folder, 'm.onnx.data'), out]);
    expect([...readFileSync(join(folder, 'm.onnx.data'))]).toEqual([1, 2, 3]);
    expect([...readFileSync(out)]).toEqual([9]);
    const refused = await refusal('output-exists', () => writeExport(out, files, undefined));
    expect(refused.message).toContain('m.onnx.data');
    await writeExport(out, files, true);
  });

  it('makes a folder with all of its files, or none', async () => {
    const folder = scratch();
    const out = join(folder, 'site');
    expect(await writeExport(out, site, undefined)).toEqual([
      join(out, 'index.html'),
      join(out, 'runtime/ort.wasm'),
    ]);
    expect(readFileSync(join(out, 'index.html'), 'utf8')).toBe('<p>');
    const failing: ExportFile = {
      path: 'late',
      content: {
        *[Symbol.iterator]() {
          yield Uint8Array.from([1]);
          throw new Error('no more');
        },
      },
    };
    const other = join(folder, 'other');
    await expect(writeExport(other, [...site, failing], undefined)).rejects.toThrow('no more');
    expect(readdirSync(folder)).toEqual(['site']);
  });

  it('takes an empty folder, refuses one that holds something, and with force replaces only its files', async () => {
    const out = join(scratch(), 'site');
    mkdirSync(out);
    await writeExport(out, site, undefined);
    writeFileSync(join(out, 'mine.txt'), 'keep');
    writeFileSync(join(out, 'index.html'), 'old');
    expect((await refusal('output-exists', () => writeExport(out, site, undefined))).message).toContain(
      '--force',
    );
    expect(readFileSync(join(out, 'index.html'), 'utf8')).toBe('old');
    await writeExport(out, site, true);
    expect(readFileSync(join(out, 'index.html'), 'utf8')).toBe('<p>');
    expect(existsSync(join(out, 'mine.txt'))).toBe(true);
  });

  it('refuses a file where the folder should be', async () => {
    const out = join(scratch(), 'file');
    writeFileSync(out, 'x');
    for (const force of [undefined, true])
      await refusal('output-exists', () => writeExport(out, site, force));
    expect(readFileSync(out, 'utf8')).toBe('x');
  });
});
