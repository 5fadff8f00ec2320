// What the page's worker does when it is asked: it keeps runs in the storage that it is given, makes one at a time, and tells how it
// goes. It knows neither a browser nor a runtime; `pages/lab/worker.ts` hands them over.
import { limitImages } from '../../datasets/limit.js';
import type { Engine } from '../engines/engine.js';
import { directChannel } from '../engines/ort/channel.js';
import { createOrtEngine } from '../engines/ort/engine.js';
import { OrtHost } from '../engines/ort/host.js';
import type { OrtRuntime } from '../engines/ort/runtime.js';
import { GenonnxError } from '../errors.js';
import { METHOD_TABLE, METHODS } from '../estimators/methods.js';
import { CellDrawings } from '../live/draw-cells.js';
import type { RunHooks } from '../loop/stored-run.js';
import type { NamedFiles } from '../runs/named-files.js';
import { runFiles } from '../runs/run-store.js';
import type { SearchEpoch } from '../search/search.js';
import { classification } from '../tasks/classification/task.js';
import type { TrainEpoch } from '../train/train.js';
import { version } from '../version.js';
import type { DamagedRun, LabEvents, LabHandlers, LabRun } from './calls.js';
import { type Choice, chooseProvider, type Provider, take } from './choose-provider.js';
import { type Classifier, openClassifier } from './classify.js';
import { type FirstStep, firstSearchStep } from './first-step.js';
import { listedRun, readEpochs, viewOf } from './list-runs.js';
import { beginSearch, beginTraining, continueHere, type Here, type OpenRun } from './run-here.js';
import { type FetchFile, readSample } from './sample-data.js';
import { takingTurns } from './turns.js';

/** The runs of a storage, by their names. */
export interface RunPlaces {
  names(): Promise<string[]>;
  at(name: string): NamedFiles;
  remove(name: string): Promise<void>;
}

/** A runtime for browsers, loaded. */
export interface LabRuntime {
  readonly ort: OrtRuntime;
  readonly version: string;
}

/** What the worker is given. */
export interface LabPlace {
  readonly runs: RunPlaces;
  readonly fetchFile: FetchFile;
  /** Of the processor, at most. */
  readonly threads: number;
  readonly loadRuntime: (provider: Provider) => Promise<LabRuntime>;
  /** Whether the browser offers a graphics processor. */
  readonly hasGraphics: () => Promise<boolean>;
  /** What the browser calls itself. */
  readonly browser: string;
  /** Lets messages in. */
  readonly turn: () => Promise<void>;
  readonly zip: (files: ReadonlyMap<string, Uint8Array>) => Uint8Array;
  readonly tell: <E extends keyof LabEvents>(event: E, told: LabEvents[E]) => void;
}

/** Seconds between checkpoints inside of an epoch: what closing a tab loses at most. */
const checkpointSeconds = 10;

/** The run that is under way. */
interface Work {
  readonly run: string;
  isStopped: boolean;
}

/** Carries out what a page asks, one run at a time. */
export function labService(place: LabPlace): LabHandlers {
  const drawings = new CellDrawings();
  let begun: Promise<Begun> | undefined;
  let work: Work | undefined;
  let classifier: { readonly run: string; readonly open: Promise<Classifier> } | undefined;
  let warm: Promise<void> | undefined;
  let graphics: Choice | undefined;
  const ready = (): Promise<Begun> => {
    begun ??= begin(place);
    return begun;
  };

  /** Opens a run, and lets it go on behind the answer. */
  const start = async (
    run: string,
    open: (files: NamedFiles, here: Here) => Promise<OpenRun>,
  ): Promise<string> => {
    if (work !== undefined) throw busy(work.run);
    const own: Work = { run, isStopped: false };
    work = own;
    try {
      const { here, runtime } = await ready();
      await warm;
      const opened = await open(place.runs.at(run), here);
      place.tell('note', { run, text: opened.description });
      carryOn(place, runtime, opened, own, graphics?.isUsable === true).finally(() => {
        work = undefined;
      });
      return run;
    } catch (error) {
      work = undefined;
      throw error;
    }
  };

  const nameOf = async (kind: 'search' | 'train'): Promise<string> => {
    const used = (await place.runs.names()).map((name) => Number(/-(\d+)$/.exec(name)?.[1] ?? 0));
    return `${kind}-${Math.max(0, ...used) + 1}`;
  };

  return {
    async begin() {
      const { here, runtime } = await ready();
      const { classes, train } = here.data;
      if (warm === undefined) {
        warm = warmUp(place, runtime, here);
        // Nobody waits for it: a run that begins before is the processor's.
        warm.then(async () => {
          graphics = await tryGraphics(place, runtime, here);
        });
      }
      return {
        version,
        threads: place.threads,
        trainImages: train.count,
        image: { height: train.height, width: train.width },
        classes,
        // What is drawn at random has nothing to watch.
        methods: METHODS.filter((name) => METHOD_TABLE[name].learns).map((name) => ({
          name,
          takesSamples: METHOD_TABLE[name].takes.includes('samples'),
        })),
      };
    },
    async search({ method, samples, ...sizes }) {
      const given = { method, ...(samples === undefined ? {} : { samples }), ...sizes, checkpointSeconds };
      const settings = classification.search.resolve({ preset: 'small', given, threads: place.threads });
      return start(await nameOf('search'), (files, here) => beginSearch(files, settings, here));
    },
    async train(choice) {
      const given = { ...choice, checkpointSeconds };
      const settings = classification.training.resolve({ preset: 'small', given, threads: place.threads });
      return start(await nameOf('train'), (files, here) => beginTraining(files, settings, here));
    },
    resume: (run) => start(run, continueHere),
    async pause() {
      if (work !== undefined) work.isStopped = true;
      return null;
    },
    async runs() {
      const runs: LabRun[] = [];
      const damaged: DamagedRun[] = [];
      for (const name of await place.runs.names()) {
        const found = await listedRun(name, place.runs.at(name));
        if (found === undefined) continue;
        if ('problem' in found) {
          damaged.push(found);
          continue;
        }
        const { isFinished, ...run } = found;
        const state = work?.run === name ? 'running' : isFinished ? 'finished' : 'stopped';
        runs.push({ ...run, state });
      }
      return { runs, damaged };
    },
    epochs: (run) => readEpochs(place.runs.at(run)),
    draw: (genotype) => drawings.of(genotype),
    async pack(run) {
      const files = place.runs.at(run);
      const packed = new Map<string, Uint8Array>();
      for (const name of await filesOf(files)) {
        const bytes = await files.read(name);
        if (bytes !== undefined) packed.set(`${run}/${name}`, bytes);
      }
      return place.zip(packed);
    },
    model: (run) => modelOf(place.runs.at(run)),
    async remove(run) {
      if (work?.run === run) throw busy(run);
      // Not under the hands of another tab.
      const lock = await place.runs.at(run).lock();
      try {
        await place.runs.remove(run);
      } finally {
        await lock.release();
      }
      return null;
    },
    async classify({ run, pixels }) {
      const { here, runtime } = await ready();
      if (classifier?.run !== run) {
        const former = classifier;
        const model = modelOf(place.runs.at(run));
        classifier = {
          run,
          open: model.then((bytes) => openClassifier(runtime.ort, bytes, here.data.train)),
        };
        await former?.open.then((open) => open.close());
      }
      return (await classifier.open).classify(pixels);
    },
  };
}

interface Begun {
  readonly here: Here;
  readonly runtime: LabRuntime;
}

async function begin(place: LabPlace): Promise<Begun> {
  const [data, runtime] = await Promise.all([readSample(place.fetchFile), place.loadRuntime('wasm')]);
  const tools = { genonnx: version, onnxruntime: runtime.version, browser: place.browser };
  return { here: { data, tools }, runtime };
}

/** Takes a small step before any is asked for, so that the browser has compiled what large ones need. */
async function warmUp(place: LabPlace, runtime: LabRuntime, here: Here): Promise<void> {
  const engine = engineOf(place, runtime, 'wasm', place.threads);
  try {
    await take(engine, smallStep(place, here));
  } finally {
    await engine.dispose();
  }
}

function smallStep(place: LabPlace, { data }: Here): FirstStep {
  const given = { cells: 1, channels: 2, batch: 2, limit: 20 };
  const recipe = classification.search.resolve({ preset: 'small', given, threads: place.threads });
  const few = { ...data, train: limitImages(data.train, given.limit) };
  return firstSearchStep(classification.search.problem(recipe, few), recipe);
}

/** Takes what steps are left of a run, and tells of them. Never rejects. */
async function carryOn(
  place: LabPlace,
  runtime: LabRuntime,
  opened: OpenRun,
  work: Work,
  hasGraphics: boolean,
): Promise<void> {
  const { run } = work;
  const { store } = opened;
  let engine: Engine | undefined;
  try {
    const processor = engineOf(place, runtime, 'wasm', Math.min(opened.threads, place.threads));
    engine = processor;
    if (hasGraphics) engine = await fasterEngine(place, processor, opened, run);
    place.tell('note', { run, text: 'preparing the first step' });
    const hooks: RunHooks<SearchEpoch | TrainEpoch> = {
      epoch: (record) => place.tell('epoch', { run, epoch: viewOf(record) }),
      progress: (done, where) => place.tell('progress', { run, done, where }),
      stopped: () => work.isStopped,
    };
    const finished = await opened.run(engine, hooks);
    await engine.dispose();
    await store.close();
    place.tell('ended', { run, finished });
  } catch (error) {
    await engine?.dispose();
    await store.abandon(error);
    place.tell('failed', { run, message: error instanceof Error ? error.message : String(error) });
  }
}

/** The processor's, or the graphics processor's where that is faster and agrees. */
async function fasterEngine(
  place: LabPlace,
  processor: Engine,
  { firstStep }: OpenRun,
  run: string,
): Promise<Engine> {
  place.tell('note', { run, text: 'trying the first step on the graphics processor' });
  const open = () => graphicsEngine(place);
  const choice = await chooseProvider(processor, open, firstStep());
  place.tell('provider', { run, ...choice });
  if (choice.provider === 'wasm') return processor;
  await processor.dispose();
  return open();
}

/** What a small step comes to on the graphics processor, where there is one: what fails there is tried no further. */
async function tryGraphics(place: LabPlace, runtime: LabRuntime, here: Here): Promise<Choice | undefined> {
  if (!(await place.hasGraphics())) return undefined;
  const processor = engineOf(place, runtime, 'wasm', place.threads);
  const choice = await chooseProvider(processor, () => graphicsEngine(place), smallStep(place, here));
  await processor.dispose();
  place.tell('graphics', choice);
  return choice;
}

async function graphicsEngine(place: LabPlace): Promise<Engine> {
  return engineOf(place, await place.loadRuntime('webgpu'), 'webgpu', 1);
}

function engineOf(place: LabPlace, { ort }: LabRuntime, provider: Provider, threads: number): Engine {
  const executionProviders = provider === 'webgpu' ? ['webgpu', 'wasm'] : ['wasm'];
  const host = new OrtHost(ort, { fillsOutputs: false, executionProviders });
  return createOrtEngine({
    channel: takingTurns(directChannel(host), place.turn),
    runtime: 'onnxruntime-web',
    layout: { kind: 'portable' },
    threads,
  });
}

/** The names of all files of a run. */
async function filesOf(files: NamedFiles): Promise<string[]> {
  const top = await files.list('');
  const checkpoints = await files.list(runFiles.checkpoints);
  return [
    ...top.filter((name) => name !== runFiles.checkpoints),
    ...checkpoints.map((name) => `${runFiles.checkpoints}/${name}`),
  ];
}

async function modelOf(files: NamedFiles): Promise<Uint8Array> {
  const model = await files.read(runFiles.model);
  if (model !== undefined) return model;
  throw new GenonnxError('file-missing', 'This run has no model.', {
    where: files.where(runFiles.model),
    expected: 'a training that is finished',
    cure: 'Train a network to its end.',
  });
}

function busy(run: string): GenonnxError {
  return new GenonnxError('run-locked', 'A run is under way.', {
    where: run,
    expected: 'one run at a time',
    cure: 'Pause it first.',
  });
}
