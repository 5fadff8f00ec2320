// What the package needs to know of a task: one row of a table in `tasks.ts`. The library begins and continues trainings of it,
// and searches where it has them; reports and studies read what they left, and none of them knows what an example is.
import type { z } from 'zod';
import type { Measures } from '../loop/meter.js';
import type { InferenceGraph } from '../networks/inference-graph.js';
import type { SearchSpace, SpaceForm } from '../spaces/search-space.js';
import type { SearchRecipe, TrainingRecipe } from './recipes.js';
import type { SearchNetworks, SearchProblem } from './search-problem.js';
import type { TrainingNetworks, TrainingProblem } from './training-problem.js';

/** What data of every kind says of itself. */
export interface TaskData {
  readonly name: string;
  /** File name -> sha256 (hexadecimal) of the bytes that were read. */
  readonly checksums: Readonly<Record<string, string>>;
  /** Whatever reads it while a run goes on. */
  close?(): Promise<void>;
}

/** Which data a run is of. */
export interface DataSettings {
  /** One of the task's embedded sets by its name, or a folder. */
  readonly data: string;
  /** How much of it, in the task's own measure: images, words. */
  readonly limit?: number | undefined;
}

/** How data is read that is not all in memory. Tasks without such data have none of it. */
export interface ReadingSettings {
  readonly skipBroken?: boolean | undefined;
  readonly workers?: number | undefined;
}

/** The types of a task. */
export interface TaskShape {
  /** Data in memory. */
  readonly data: TaskData;
  /** Everything that determines a training. */
  readonly training: TrainingRecipe & DataSettings & { readonly genotype: string };
  /** Names of presets. */
  readonly trainingPreset: string;
  /** Names of cell types, and of the primitives that compete in them. */
  readonly cell: string;
  readonly primitive: string;
}

/** The types of a task that has searches. */
export interface SearchedShape extends TaskShape {
  /** Everything that determines a search. */
  readonly search: SearchRecipe & DataSettings;
  readonly searchPreset: string;
}

/** From what settings are made. */
export interface SettingsRequest<Preset extends string> {
  /** The task's own choice when absent. */
  readonly preset?: Preset | undefined;
  /** Any member of the settings; of a training with the genotype as text. What is none of theirs is refused. */
  readonly given: object;
  /** Of the machine. */
  readonly threads: number;
}

/** A setting by which a run may be made smaller. */
export interface Size<Settings> {
  /** As errors call it. */
  readonly name: string;
  readonly of: (settings: Settings) => number;
  readonly with: (settings: Settings, size: number) => Settings;
}

/** What a run takes of memory follows from its networks and its sizes, before anything is made. */
export interface TaskSizes<Settings, Data, Networks> {
  /** What the run traces, without the examples. @throws GenonnxError for networks that cannot be. */
  readonly networks: (settings: Settings, data: Data) => Networks;
  /** Examples of a step: activations grow with them. */
  readonly batch: Size<Settings>;
  /** Activations grow with it, and the state with its square, at most. */
  readonly width: Size<Settings>;
  /** Where networks may be so deep that tracing them takes long: memory is linear in this beyond the two depths. */
  readonly depth?: Size<Settings> & { readonly linearFrom: readonly [number, number] };
}

/** How runs of one kind are made of settings and data. */
export interface TaskRun<Preset extends string, Settings, Data, Problem, Networks> {
  readonly presets: readonly Preset[];
  /** Of what `config.json` holds. */
  readonly schema: z.ZodType<Settings>;
  /** @throws GenonnxError `usage` for settings that cannot be. */
  readonly resolve: (request: SettingsRequest<Preset>) => Settings;
  /** Made before anything is written. @throws GenonnxError for settings that do not fit the data. */
  readonly problem: (settings: Settings, data: Data) => Problem;
  readonly sizes: TaskSizes<Settings, Data, Networks>;
}

/** A kind of data with its networks, settings and measures. Networks of it are trained, whatever their genotypes come from. */
export interface Task<S extends TaskShape> {
  readonly measures: Measures;
  /** What its genotypes have in common, for texts. */
  readonly form: SpaceForm<S['cell'], S['primitive']>;
  /** What its genotypes are drawn from at random, and searched in where it has searches. */
  readonly space: SearchSpace<S['cell'], S['primitive']>;
  /** The data that comes with the package; the first is taken where none is named. */
  readonly embedded: readonly [string, ...string[]];
  /** How many examples there are to learn from, and how many to be tested on. */
  readonly examples: (data: S['data']) => { readonly train: number; readonly test: number };
  readonly training: TaskRun<
    S['trainingPreset'],
    S['training'],
    S['data'],
    TrainingProblem,
    TrainingNetworks
  > & {
    /** Trainable numbers of the network that is shipped. @throws GenonnxError for settings that do not fit the data. */
    readonly parameters: (settings: S['training'], data: S['data']) => number;
    /** The network that is shipped, as it answers one example. @throws GenonnxError for settings that do not fit the data. */
    readonly inference: (settings: S['training'], data: S['data']) => InferenceGraph;
  };
}

/** A task that has searches, too. */
export interface SearchedTask<S extends SearchedShape> extends Task<S> {
  readonly search: TaskRun<
    S['searchPreset'],
    S['search'],
    S['data'],
    SearchProblem<S['cell'], S['primitive']>,
    SearchNetworks
  >;
}
