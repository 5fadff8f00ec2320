// What a training takes of memory.
import { type Footprint, footprintOf } from '../loop/footprint.js';
import { optimizerOf } from '../optimizers/weight-settings.js';
import type { TrainingRecipe } from '../tasks/recipes.js';
import type { TrainingNetworks } from '../tasks/training-problem.js';

export function trainingFootprint(
  networks: TrainingNetworks,
  { weights }: Pick<TrainingRecipe, 'weights'>,
): Footprint {
  return footprintOf(
    [{ trace: () => networks.step(optimizerOf(weights)) }, { trace: () => networks.evaluation() }],
    networks.extents,
  );
}
