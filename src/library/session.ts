// What a run needs before its first step: settings, data, a place for its files, an engine. A new run, or one that goes on
// where it was stopped.
import os from 'node:os';
import process from 'node:process';
import { z } from 'zod';
import { chooseEngine, type EngineChoice, engineChoices, type LayoutChoice } from '../engines/choice.js';
import type { Engine } from '../engines/engine.js';
import { openEngine, probeGpuHere } from '../engines/here.js';
import { ortVersion } from '../engines/ort/node.js';
import { GenonnxError } from '../errors.js';
import { continuedOn, type Manifest, manifestSchema, placeText, requireSameData } from '../runs/manifest.js';
import { MemoryFiles } from '../runs/memory-files.js';
import { createRunFolder, openRunFolder, type RunFolder } from '../runs/run-folder.js';
import { createRun, type RunStore, runFiles } from '../runs/run-store.js';
import { type TaskName, taskField } from '../tasks/names.js';
import type { TaskData } from '../tasks/task.js';
import { version } from '../version.js';
import { resolveLayout } from './layout.js';

/** What the settings of every run have. */
interface CommonSettings {
  readonly epochs: number;
  readonly threads: number;
  readonly engine: EngineChoice;
  readonly layout: LayoutChoice;
  /** Threads that read data, where it is read while a run goes on. */
  readonly workers?: number | undefined;
}

export interface Session<C, P> {
  readonly store: RunStore;
  /** What the run is called: its folder, or `memory`. */
  readonly place: string;
  readonly settings: C;
  readonly problem: P;
  readonly engine: Engine;
  close(): Promise<void>;
  /** After a failure: what was begun here and has no checkpoint is removed. */
  abandon(failure: unknown): Promise<void>;
}

/** How runs of one kind and task are made: of settings `C`, data `D`, a problem `P`. */
export interface RunKind<C, D extends TaskData, P> {
  readonly kind: 'search' | 'train';
  readonly task: TaskName;
  readonly schema: z.ZodType<C>;
  /** @throws GenonnxError `data-missing`, `data-corrupt`, ... */
  readonly load: (settings: C, note: Note) => Promise<D>;
  /** What the run is of; made before anything is written. @throws GenonnxError for settings that do not fit the data. */
  readonly problem: (settings: C, data: D) => P;
  /** @throws GenonnxError `memory` for a run that would not fit. */
  readonly requireMemory: (settings: C, data: D) => void;
}

/** Something that a person should know: what was chosen for them, and why. */
export type Note = (text: string) => void;

/** What a run is made with, as its folder records it. */
export const toolVersions: Manifest<unknown>['tools'] = {
  genonnx: version,
  onnxruntime: ortVersion,
  node: process.version,
};

/** As many threads as the machine has cores, at most 4: small networks gain nothing from more. */
export function defaultThreads(): number {
  return Math.min(os.availableParallelism(), 4);
}

/**
 * Begins a run in a new or empty folder, or in memory where there is none.
 * @throws GenonnxError `usage`, `data-missing`, `output-exists`, `engine`, ...; then nothing is left behind.
 */
export async function beginRun<C extends CommonSettings, D extends TaskData, P>(
  { kind, task, load, problem: problemOf, requireMemory }: RunKind<C, D, P>,
  settings: C,
  out: string | undefined,
  note: Note,
): Promise<Session<C, P>> {
  const data = await load(settings, note);
  let engine: Engine | undefined;
  try {
    const engineKind = await resolveEngine(settings.engine, note);
    // Others keep what they calculate elsewhere.
    if (engineKind === 'ort') requireMemory(settings, data);
    const problem = problemOf(settings, data);
    const manifest: Manifest<C> = {
      kind,
      task,
      settings,
      engine: engineKind,
      layout: await resolveLayout(settings.layout, note),
      data: { name: data.name, checksums: data.checksums },
      tools: toolVersions,
    };
    engine = await openEngine(manifest.engine, { ...settings, layout: manifest.layout });
    const made = { settings, problem, engine, data };
    if (out !== undefined) {
      const folder = await createRunFolder(out, manifest);
      return sessionOf(folder, folder.path, made, true);
    }
    return sessionOf(await createRun(new MemoryFiles(), manifest), 'memory', made, true);
  } catch (error) {
    await engine?.dispose();
    await data.close?.();
    throw error;
  }
}

/** Opens the run in a folder and says of which task it is. @throws GenonnxError `file-missing`, `resume-mismatch`, `run-locked`. */
export async function openRunOf(
  kind: RunKind<never, never, never>['kind'],
  path: string,
): Promise<{ readonly folder: RunFolder; readonly task: TaskName }> {
  const folder = await openRunFolder(path);
  const config = z.object({ kind: z.literal(kind), task: taskField }).safeParse(folder.config);
  if (config.success) return { folder, task: config.data.task };
  await folder.close();
  throw noSuchRun(kind, path, config.error);
}

/**
 * Goes on with the run in an open folder, which is closed where that fails. What is given explicitly must be the run's own;
 * only the engine and the number of reading threads may be others, and the epochs may be more.
 * @throws GenonnxError `resume-mismatch`, `data-missing`, `engine`.
 */
export async function continueRun<C extends CommonSettings, D extends TaskData, P>(
  { kind, task, schema, load, problem: problemOf }: RunKind<C, D, P>,
  folder: RunFolder,
  given: object,
  note: Note,
): Promise<Session<C, P>> {
  const { path } = folder;
  let data: D | undefined;
  try {
    const stored = manifestSchema(kind, task, schema).safeParse(folder.config);
    if (!stored.success) throw noSuchRun(kind, path, stored.error);
    const explicit = pathsOf(given);
    const engineKind = await resumedEngine(stored.data.engine, explicit.get('engine'));
    requireAgreement(stored.data.settings, explicit, path);
    const settings = longer(stored.data.settings, explicit.get('epochs'), schema);
    // The batches are the same with any number of threads.
    const workers = explicit.get('workers');
    data = await load(typeof workers === 'number' ? { ...settings, workers } : settings, note);
    requireSameData(stored.data, data);
    const problem = problemOf(settings, data);
    const engine = await openEngine(engineKind, { ...settings, layout: stored.data.layout });
    const isLonger = settings.epochs !== stored.data.settings.epochs;
    if (isLonger) {
      note(
        `${settings.epochs} epochs instead of ${stored.data.settings.epochs}: its schedules are stretched`,
      );
    }
    const { continued: before = [] } = stored.data;
    const continued = continuedOn(stored.data, { engine: engineKind, tools: toolVersions });
    const isElsewhere = continued.length > before.length;
    if (isElsewhere) {
      const last = placeText(before.at(-1) ?? stored.data);
      note(`warning: this run was made with ${last}; here it goes on, but not to the same bits`);
    }
    if (isLonger || isElsewhere) {
      const whole = { ...folder.config, settings, ...(isElsewhere ? { continued } : {}) };
      await folder.writeJson(runFiles.config, whole);
    }
    return sessionOf(folder, path, { settings, problem, engine, data }, false);
  } catch (error) {
    await data?.close?.();
    await folder.close();
    throw error;
  }
}

function noSuchRun(kind: string, where: string, { issues: [issue] }: z.ZodError): GenonnxError {
  return new GenonnxError('resume-mismatch', `This folder does not hold a ${kind} run of this version.`, {
    where,
    expected: `config.json of a ${kind}`,
    found: issue?.message ?? 'something else',
    cure: 'Name the folder that the run was begun in.',
  });
}

function sessionOf<C, P>(
  store: RunStore,
  place: string,
  {
    data,
    ...made
  }: { readonly settings: C; readonly problem: P; readonly engine: Engine; readonly data: TaskData },
  isNew: boolean,
): Session<C, P> {
  return {
    store,
    place,
    ...made,
    close: async () => {
      await made.engine.dispose();
      await data.close?.();
      await store.close();
    },
    abandon: async (failure) => {
      await made.engine.dispose();
      await data.close?.();
      await (isNew ? store.abandon(failure) : store.close(failure));
    },
  };
}

/** Does the work of a session, which is closed behind it. */
export async function within<C, P, R>(session: Session<C, P>, work: () => Promise<R>): Promise<R> {
  let result: R;
  try {
    result = await work();
  } catch (error) {
    await session.abandon(error);
    throw error;
  }
  await session.close();
  return result;
}

/** Says what `auto` has chosen. */
async function resolveEngine(choice: EngineChoice, note: Note): Promise<Manifest<unknown>['engine']> {
  const { engine, reason } = await chooseEngine(choice, probeGpuHere);
  if (choice === 'auto') note(`engine ${engine}: ${reason}`);
  return engine;
}

/** A run continues on its own engine, or on another that is asked for: the state is the same arrays. */
async function resumedEngine(
  own: Manifest<unknown>['engine'],
  wanted: unknown,
): Promise<Manifest<unknown>['engine']> {
  const asked = engineChoices.find((choice) => choice === wanted);
  if (asked === undefined) return own;
  return (await chooseEngine(asked, probeGpuHere)).engine;
}

/** What may differ when a run goes on. */
const flexible: readonly string[] = ['engine', 'epochs', 'workers'];

function requireAgreement(stored: object, explicit: ReadonlyMap<string, unknown>, where: string): void {
  const own = pathsOf(stored);
  const differing = [...explicit].filter(
    ([path, value]) => !flexible.includes(path) && JSON.stringify(own.get(path)) !== JSON.stringify(value),
  );
  if (differing.length === 0) return;
  throw new GenonnxError('resume-mismatch', 'This run was made with another configuration.', {
    where,
    expected: differing.map(([path]) => `${path} = ${JSON.stringify(own.get(path))}`).join(', '),
    found: differing.map(([path, value]) => `${path} = ${JSON.stringify(value)}`).join(', '),
    cure: 'Resume without these options, or start a new run in another folder.',
  });
}

/** @throws GenonnxError `resume-mismatch` for fewer epochs than the run has. */
function longer<C extends CommonSettings>(settings: C, epochs: unknown, schema: z.ZodType<C>): C {
  if (typeof epochs !== 'number' || epochs === settings.epochs) return settings;
  if (epochs > settings.epochs) return schema.parse({ ...settings, epochs });
  throw new GenonnxError('resume-mismatch', 'A run that goes on cannot have fewer epochs.', {
    where: '`epochs`',
    expected: `at least ${settings.epochs}`,
    found: String(epochs),
    cure: 'Resume with as many or more, or start a new run in another folder.',
  });
}

/** Every member that is no object, by its dotted path: `weights.learningRate`. */
function pathsOf(settings: object, prefix = ''): Map<string, unknown> {
  return new Map(
    Object.entries(settings).flatMap(([key, value]): [string, unknown][] => {
      if (value === undefined) return [];
      const path = `${prefix}${key}`;
      return typeof value === 'object' && value !== null && !Array.isArray(value)
        ? [...pathsOf(value, `${path}.`)]
        : [[path, value]];
    }),
  );
}
