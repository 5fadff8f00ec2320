import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { anyGenotypeFrom, genotypeFrom } from '../../../src/cli/genotype-argument.js';
import { freshFolder } from '../../e2e/command.js';

describe('genotypeFrom', () => {
  it('says what to type for a search that has not ended', async () => {
    const folder = freshFolder();
    writeFileSync(join(folder, 'config.json'), '{"kind":"search","settings":{}}');
    for (const read of [genotypeFrom, anyGenotypeFrom])
      await expect(read(folder)).rejects.toThrow(`genonnx search --resume ${folder}`);
  });
});
