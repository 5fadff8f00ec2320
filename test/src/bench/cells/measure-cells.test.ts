import { describe, expect, it } from 'vitest';
import { compileLoneModel, modelsOf, recipeOf } from '../../../../src/bench/cells/lone-models.js';
import { leastRounds, measureModels } from '../../../../src/bench/cells/measure-cells.js';
import { measuredSchema } from '../../../../src/bench/cells/measured.js';
import type { Part } from '../../../../src/bench/cells/parts.js';
import type { PlannedModel } from '../../../../src/bench/cells/plan.js';

const relu: Part = {
  part: 'relu',
  operation: 'relu',
  channels: 8,
  outputs: 8,
  height: 4,
  width: 4,
  stride: 1,
};
const models: PlannedModel[] = [...modelsOf([recipeOf(relu)]).values()].map((model) => ({
  name: model.name,
  compile: () => compileLoneModel(model, { batch: 1, fold: true }),
  readBytes: 1000,
}));
const names = models.map(({ name }) => name).sort();

describe('measureModels', () => {
  it('visits every model once a round, for at least so many runs', async () => {
    const shares: number[] = [];
    const measured = await measureModels(models, {
      threads: 1,
      rounds: 2,
      runs: 4,
      seconds: 60,
      onProgress: (done) => shares.push(done),
    });
    expect(Object.keys(measured.roundsMs).sort()).toEqual(names);
    for (const rounds of Object.values(measured.roundsMs)) {
      expect(rounds).toHaveLength(2);
      for (const latenciesMs of rounds) expect(latenciesMs.length).toBeGreaterThanOrEqual(4);
    }
    expect(measuredSchema.parse(JSON.parse(JSON.stringify(measured)))).toEqual(measured);
    expect(shares).toHaveLength(3 * models.length);
    expect(shares).toEqual([...shares].sort((a, b) => a - b));
    expect(shares.every((share) => share < 1)).toBe(true);
  });

  it('begins no further round when the time is over, but for the least', async () => {
    const { roundsMs } = await measureModels(models, { threads: 1, rounds: 50, runs: 1, seconds: 0 });
    expect(Object.values(roundsMs).map(({ length }) => length)).toEqual(models.map(() => leastRounds));
  });

  it('names a model that the runtime refuses', async () => {
    const broken: PlannedModel = {
      name: 'broken',
      compile: () => ({ bytes: Uint8Array.of(1, 2, 3), inputs: new Map() }),
      readBytes: 0,
    };
    const measured = measureModels([broken], { threads: 1, rounds: 1, runs: 1, seconds: 1 });
    await expect(measured).rejects.toMatchObject({
      code: 'model-corrupt',
      message: expect.stringContaining('broken'),
    });
  });
});
