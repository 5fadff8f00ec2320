// What a study is of, as far as it must know: a task, its data and the recipe of its children, without their types. Whoever
// runs a study makes it from the row of the task.
import type { Measures } from '../loop/meter.js';
import type { RandomStream } from '../random.js';
import type { Genotype } from '../spaces/genotype.js';
import type { SpaceForm } from '../spaces/search-space.js';
import type { RandomSettings } from './config.js';
import type { StudyResults } from './results.js';

/** A genotype, uniform over the space that the options name (`estimators/random.ts`). */
export type SampleGenotype<G extends Genotype = Genotype> = (
  stream: RandomStream,
  options: { readonly kind: RandomSettings['kind']; readonly operationsPerNode: number },
) => G;

export interface StudySubject {
  readonly measures: Measures;
  /** Of its genotypes. */
  readonly form: SpaceForm;
  readonly data: StudyResults['data'];
  readonly sample: SampleGenotype;
  /** Of the network that the recipe trains. */
  readonly parametersOf: (genotype: Genotype) => number;
}
