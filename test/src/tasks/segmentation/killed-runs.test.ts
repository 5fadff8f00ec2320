// A training of segmentation that is killed on the way: where crops and masks of dropout stand goes on as if nothing had happened.
import { afterAll, expect, it } from 'vitest';
import { loadDataset } from '../../../../datasets/index.js';
import { sceneData } from '../../../../datasets/masks/scene-data.js';
import { createNodeOrtEngine } from '../../../../src/engines/ort/node.js';
import { resolveSegmentationTraining } from '../../../../src/tasks/segmentation/resolve-training.js';
import { samplesFile } from '../../../../src/tasks/segmentation/samples.js';
import { segmentationTraining } from '../../../../src/tasks/segmentation/training.js';
import type { TrainEpoch } from '../../../../src/train/train.js';
import { trainInStore } from '../../../../src/train/train-run.js';
import { wholeAndKilled } from '../../../support/killed-runs.js';
import { fewScenes, tinyGenotype } from '../../../support/segmentation-case.js';

const engine = createNodeOrtEngine({ layout: { kind: 'portable' }, threads: 1, worker: false });
afterAll(() => engine.dispose());

it('ends with the same bytes when it is killed', async () => {
  const recipe = resolveSegmentationTraining({
    preset: 'small',
    given: {
      data: 'scenes',
      genotype: tinyGenotype,
      cells: 3,
      channels: 2,
      asppWidth: 4,
      batch: 2,
      augmentation: { size: 33, scales: [0.5, 1] },
      steps: 8,
      epochs: 2,
      layout: 'portable',
      checkpointSeconds: 0,
      seed: 3,
    },
    threads: 1,
  });
  const data = fewScenes(sceneData(await loadDataset('fashion-mnist'), 12), 5);
  const { whole, cut } = await wholeAndKilled<TrainEpoch>([3, 2], (store, hooks) =>
    trainInStore(store, { recipe, problem: segmentationTraining(recipe, data, '0'), engine }, hooks),
  );
  expect(cut).toEqual(whole);
  const { test, figures } = JSON.parse(whole['results.json']!);
  expect(test.meanIou).toBeGreaterThan(0);
  expect(figures.backgroundMeanIou).toBeGreaterThan(0.05);
  expect(Object.keys(whole)).toEqual(
    expect.arrayContaining(['model.onnx', 'weights.safetensors', 'confusion.json', samplesFile]),
  );
  // The rate falls by the step: that of the second epoch is the schedule's half way, for poly 0.5^0.9 of the first.
  const rates = [...whole['journal.jsonl']!.matchAll(/"learningRate":([\d.e-]+)/g)].map(([, rate]) =>
    Number(rate),
  );
  expect(rates[1]! / rates[0]!).toBeCloseTo(0.5 ** 0.9, 10);
});
