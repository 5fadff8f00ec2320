import { describe, expect, it } from 'vitest';
import { openExportSource, prepared, requireImageSource } from '../../../src/deploy/export-source.js';
import { finishedRun, folderWith, smallModel } from '../../support/small-model.js';

const trained = { dataset: 'shirts', accuracy: '0.75' };

describe('prepared', () => {
  it('says what was done, and keeps what stays true: an accuracy not of rounded numbers', async () => {
    for (const path of [await finishedRun(trained), `${folderWith(smallModel(trained))}/model.onnx`]) {
      const source = requireImageSource(await openExportSource(path, { toolVersion: '0' }));
      expect(prepared(source, {}).metadata).toMatchObject(trained);
      const fast = prepared(source, { optimization: 'cpu' });
      expect(fast.metadata).toMatchObject({ ...trained, optimize: 'cpu' });
      expect(fast.bound.graph.nodes.map(({ op }) => op)).not.toContain('factorizedReduce');
      const half = prepared(source, { precision: 'float16' });
      expect(half.metadata).toMatchObject({ dataset: 'shirts', precision: 'float16' });
      expect(half.metadata).not.toHaveProperty('accuracy');
    }
  });

  it('refuses another optimization than the one that was done', async () => {
    const folded = requireImageSource(
      await openExportSource(`${folderWith(smallModel())}/model.onnx`, { toolVersion: '0' }),
    );
    const already = { ...folded, optimization: 'fold' as const };
    expect(() => prepared(already, { optimization: 'cpu' })).toThrow(/optimized already[\s\S]*Compile/);
    expect(prepared(already, { optimization: 'fold' }).bound).toBe(folded.bound);
  });
});
