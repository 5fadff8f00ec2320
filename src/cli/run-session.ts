// What the commands that run in a folder share: a new folder or one to continue, its data set, its engine.
import os from 'node:os';
import type { z } from 'zod';
import type { Dataset } from '../../datasets/dataset.js';
import { loadDataset } from '../../datasets/index.js';
import { chooseEngine, type EngineChoice, engineChoices } from '../engines/choice.js';
import type { Engine } from '../engines/engine.js';
import { openEngine, probeGpuHere } from '../engines/here.js';
import { GenonnxError } from '../errors.js';
import { type Manifest, manifestSchema, requireSameData } from '../runs/manifest.js';
import { createRunFolder, openRunFolder, type RunFolder } from '../runs/run-folder.js';
import { resolveLayout } from './layout.js';
import { say } from './output.js';
import { type Overrides, settingAt } from './settings.js';
import { toolVersions } from './tool-versions.js';

/** What the settings of every run have. */
interface CommonSettings {
  readonly data: string;
  readonly limit?: number | undefined;
  readonly threads: number;
  readonly engine: EngineChoice;
  readonly layout: 'auto' | 'blocked' | 'portable';
}

export interface Session<C, P> {
  readonly folder: RunFolder;
  readonly settings: C;
  readonly problem: P;
  readonly engine: Engine;
  close(): Promise<void>;
}

export interface SessionRequest<C, P> {
  readonly kind: 'search' | 'train';
  readonly schema: z.ZodType<C>;
  /** A new run: its settings and where it goes. */
  readonly fresh?: { readonly settings: unknown; readonly out: string };
  /** A run to continue, and the settings that were given explicitly, which must be its own. */
  readonly resume?: { readonly folder: string; readonly explicit: Overrides };
  /** What the run is of; made before anything is written. @throws GenonnxError for settings that do not fit the data. */
  problem(settings: C, dataset: Dataset): P;
}

/** As many threads as the machine has cores, at most 4: small networks gain nothing from more. */
export function defaultThreads(): number {
  return Math.min(os.availableParallelism(), 4);
}

export async function openSession<C extends CommonSettings, P>(
  request: SessionRequest<C, P>,
): Promise<Session<C, P>> {
  const { kind, schema, fresh, resume } = request;
  const load = ({ data, limit }: C): Promise<Dataset> =>
    loadDataset(data, limit === undefined ? {} : { limit });
  if (fresh !== undefined) {
    const settings = parseSettings(schema, fresh.settings);
    const dataset = await load(settings);
    const problem = request.problem(settings, dataset);
    const manifest: Manifest<C> = {
      kind,
      settings,
      engine: await resolveEngine(settings.engine),
      layout: await resolveLayout(settings.layout),
      data: { name: dataset.name, checksums: dataset.checksums },
      tools: toolVersions,
    };
    const engine = await openEngine(manifest.engine, { ...settings, layout: manifest.layout });
    try {
      return begin(await createRunFolder(fresh.out, manifest), manifest, problem, engine);
    } catch (error) {
      await engine.dispose();
      throw error;
    }
  }
  if (resume === undefined) throw new GenonnxError('usage', 'Neither a new run nor one to resume.');
  const folder = await openRunFolder(resume.folder);
  try {
    const stored = manifestSchema(kind, schema).safeParse(folder.config);
    if (!stored.success) {
      throw new GenonnxError('resume-mismatch', `This folder does not hold a ${kind} run of this version.`, {
        where: resume.folder,
        expected: `config.json of a ${kind}`,
        found: stored.error.issues[0]?.message ?? 'something else',
        cure: 'Name the folder that --out of the run had.',
      });
    }
    const manifest = { ...stored.data, engine: await resumedEngine(stored.data.engine, resume.explicit) };
    requireAgreement(manifest.settings, resume.explicit, resume.folder);
    const dataset = await load(manifest.settings);
    requireSameData(manifest, dataset);
    const { settings, layout } = manifest;
    const problem = request.problem(settings, dataset);
    const engine = await openEngine(manifest.engine, { ...settings, layout });
    return begin(folder, manifest, problem, engine);
  } catch (error) {
    await folder.close();
    throw error;
  }
}

function begin<C extends CommonSettings, P>(
  folder: RunFolder,
  manifest: Manifest<C>,
  problem: P,
  engine: Engine,
): Session<C, P> {
  const { settings } = manifest;
  return {
    folder,
    settings,
    problem,
    engine,
    close: async () => {
      await engine.dispose();
      await folder.close();
    },
  };
}

/** Says what `auto` has chosen. */
async function resolveEngine(choice: EngineChoice): Promise<Manifest<unknown>['engine']> {
  const { engine, reason } = await chooseEngine(choice, probeGpuHere);
  if (choice === 'auto') say(`engine ${engine}: ${reason}`);
  return engine;
}

/** A run continues on its own engine, or on another that is asked for: the state is the same arrays. */
async function resumedEngine(
  own: Manifest<unknown>['engine'],
  explicit: Overrides,
): Promise<Manifest<unknown>['engine']> {
  const asked = engineChoices.find((choice) => choice === explicit.get('engine'));
  if (asked === undefined) return own;
  const { engine } = await chooseEngine(asked, probeGpuHere);
  if (engine !== own)
    say(`warning: this run was made with ${own}; on ${engine} it goes on, but not to the same bits`);
  return engine;
}

function parseSettings<C>(schema: z.ZodType<C>, settings: unknown): C {
  const parsed = schema.safeParse(settings);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new GenonnxError('usage', 'A setting is not possible.', {
    where: `--${(issue?.path ?? []).join('.')}`,
    found: issue?.message ?? 'unknown',
    cure: 'See --help for what each option takes.',
  });
}

function requireAgreement(stored: object, explicit: Overrides, folder: string): void {
  const differing = [...explicit].filter(
    ([path, value]) => path !== 'engine' && settingAt(stored, path) !== value,
  );
  if (differing.length === 0) return;
  throw new GenonnxError('resume-mismatch', 'This run was made with another configuration.', {
    where: folder,
    expected: differing.map(([path]) => `${path} = ${JSON.stringify(settingAt(stored, path))}`).join(', '),
    found: differing.map(([path, value]) => `${path} = ${JSON.stringify(value)}`).join(', '),
    cure: 'Resume without these options, or start a new run in another folder.',
  });
}
