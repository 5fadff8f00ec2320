import { describe, expect, it } from 'vitest';
import { taskSettings } from '../../../src/cli/run-settings.js';
import { chooseTaskFor } from '../../../src/library/choose-task.js';
import { parseStudy } from '../../../src/study/study-file.js';
import { requireSearched, SEARCHED_TASK_NAMES } from '../../../src/tasks/tasks.js';

describe('a task without searches', () => {
  it('is refused where one is to be searched, with what to do instead', () => {
    for (const name of SEARCHED_TASK_NAMES) expect(requireSearched(name)).toBe(name);
    expect(() => requireSearched('segmentation')).toThrow(
      expect.objectContaining({
        code: 'usage',
        details: expect.objectContaining({ cure: expect.stringMatching(/^Search on classification/) }),
      }),
    );
  });

  it('is that of its embedded data', async () => {
    expect(await chooseTaskFor({ data: 'scenes' })).toBe('segmentation');
  });

  it('has studies of genotypes that are drawn, and of no others', () => {
    const study = (method: string) =>
      parseStudy(
        `name: scenes\ntask: segmentation\ndata: scenes\nseeds: [1]\nmethods: [{method: ${method}}]\ntrain: {rates: "1,2,4", freeze-norm: true}\n`,
        'study.yaml',
        (task) => taskSettings[task],
      );
    expect(study('random')).toMatchObject({
      task: 'segmentation',
      preset: 'small',
      train: { rates: [1, 2, 4], freezeNorm: true },
    });
    expect(() => study('egs')).toThrow(
      expect.objectContaining({
        code: 'usage',
        details: expect.objectContaining({ where: expect.stringContaining('methods.0.method') }),
      }),
    );
  });
});
