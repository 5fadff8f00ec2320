// What this machine offers, and what would be used of it: `genonnx doctor` as a function.
import os from 'node:os';
import process from 'node:process';
import { nodeSubjects } from '../bench/node/node-subject.js';
import { isNodeProvider } from '../bench/node/session-options.js';
import { type ProbedProvider, probeProviders } from '../bench/probe-providers.js';
import type { OpenSubject } from '../bench/subject.js';
import { chooseEngine, chooseLayout } from '../engines/choice.js';
import { layoutSourcesHere, probeGpuHere } from '../engines/here.js';
import { ortVersion } from '../engines/ort/node.js';
import { probeTfjs } from '../engines/tfjs/load.js';
import { version } from '../version.js';

/** What is there, or what is missing and what mends it. */
export interface Lack {
  readonly missing: string;
  readonly cure?: string;
}

export interface MachineReport {
  readonly genonnx: string;
  readonly node: string;
  readonly platform: string;
  readonly processor: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly onnxruntime: string;
  readonly layout: { readonly name: string; readonly reason: string };
  readonly engine: { readonly name: string; readonly reason: string };
  readonly tfjs: { readonly description: string | null } & Partial<Lack>;
  /** Each was asked to run a model. */
  readonly providers: readonly ProbedProvider[];
  /** The one that measurements in browsers are made in; `version` is `Chromium 156.0.8078.108`. */
  readonly browser: { readonly path: string; readonly version: string } | Lack;
}

/** Starts every execution provider once, those of browsers too: some seconds. Never throws for what is not there. */
export async function machineReport(): Promise<MachineReport> {
  const { layout, reason } = await chooseLayout('auto', layoutSourcesHere(version));
  const [engine, tfjs] = [await chooseEngine('auto', probeGpuHere), await probeTfjs()];
  const [processor] = os.cpus();
  const { missing, cure } = tfjs;
  const inNode = nodeSubjects();
  const providers = await probeProviders((provider) => (isNodeProvider(provider) ? inNode : inBrowser));
  return {
    genonnx: version,
    node: process.version,
    platform: `${os.platform()} ${os.arch()}`,
    processor: processor?.model.trim() ?? 'unknown',
    cores: os.availableParallelism(),
    memoryBytes: os.totalmem(),
    onnxruntime: ortVersion,
    layout: {
      name: layout.kind === 'blocked' ? `blocked, blocks of ${layout.block} channels` : 'portable',
      reason,
    },
    engine: { name: engine.engine, reason: engine.reason },
    tfjs: {
      description: tfjs.found?.description ?? null,
      ...(missing === undefined ? {} : { missing }),
      ...(cure === undefined ? {} : { cure }),
    },
    providers,
    browser: await browserOf(providers.find(({ name }) => name === 'web-wasm')),
  };
}

/** The driver of the browser is only loaded where one is to be started. */
const inBrowser: OpenSubject = async (request) =>
  await (await import('../bench/web/web-subject.js')).openWebSubject(request);

/** The browser that has run a model, or why none has. */
async function browserOf(probed: ProbedProvider | undefined): Promise<MachineReport['browser']> {
  const { runtime = null, missing = 'unknown', cure } = probed ?? {};
  if (runtime === null) return { missing, ...(cure === undefined ? {} : { cure }) };
  const { findChromium } = await import('../bench/web/chromium.js');
  return { path: findChromium(), version: runtime.host };
}
