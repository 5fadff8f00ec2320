import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { SafeTensor } from '../../../graphs/safetensors.js';
import { readSafetensors, writeSafetensors } from '../../../src/runs/safetensors-file.js';
import { refusal, scratch } from './helpers.js';

describe('safetensors files', () => {
  it('reads and writes files', async () => {
    const folder = scratch();
    const path = join(folder, 'a.safetensors');
    const tensor: SafeTensor = { dtype: 'F64', shape: [], data: Float64Array.of(Math.PI) };
    await writeSafetensors(path, [['x', tensor]], [['format', 'test']]);
    const read = await readSafetensors(path);
    expect(read.tensors.get('x')).toEqual(tensor);
    expect(read.metadata.get('format')).toBe('test');
    await refusal('file-missing', () => readSafetensors(join(folder, 'none')));
    await refusal('file-missing', () => readSafetensors(folder));
    writeFileSync(path, 'short');
    expect((await refusal('file-corrupt', () => readSafetensors(path))).details.where).toBe(path);
  });
});
