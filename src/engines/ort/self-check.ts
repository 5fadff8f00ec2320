// Whether the blocked operations can be trusted on this machine. The check of `graphs/onnx/self-check.ts` runs once for
// each processor, runtime and version of this package; the verdict is kept in a small file in the user's cache folder. A
// cache that cannot be read or written costs a second, and is no error.
import { mkdir, readFile } from 'node:fs/promises';
import os from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import * as ort from 'onnxruntime-node';
import { z } from 'zod';
import { type CheckVerdict, checkBlocked, type ModelRunner } from '../../../graphs/onnx/self-check.js';
import { sha256Hex } from '../../hash.js';
import { writeJsonAtomic } from '../../runs/atomic.js';
import { sessionOptions } from './host.js';

/** All that a verdict depends on. */
export interface CheckedMachine {
  readonly block: number;
  readonly processor: string;
  readonly runtime: string;
  /** Of this package: its lowering may have changed. */
  readonly genonnx: string;
}

export interface SelfCheckOptions {
  /** Where verdicts are kept; the user's cache folder when absent. */
  readonly cacheFolder?: string;
  /** What runs the models; this machine's ONNX Runtime when absent. */
  readonly run?: ModelRunner;
}

/** The machine that this process runs on. */
export function thisMachine(block: number, genonnx: string): CheckedMachine {
  const processor = os.cpus()[0]?.model.trim() ?? os.arch();
  return { block, processor, runtime: ort.env.versions.node ?? ort.env.versions.common, genonnx };
}

/** The verdict on the blocked operations: the kept one, or that of a check that runs now. */
export async function selfCheck(
  machine: CheckedMachine,
  { cacheFolder = userCacheFolder(), run = runInOrt }: SelfCheckOptions = {},
): Promise<CheckVerdict> {
  const file = verdictFile(cacheFolder, machine);
  const kept = await readVerdict(file, machine);
  if (kept !== undefined) return kept;
  const verdict = await checkBlocked(machine.block, run);
  await keepVerdict(file, { machine, verdict });
  return verdict;
}

/** `$XDG_CACHE_HOME/genonnx`, or `~/.cache/genonnx`. */
export function userCacheFolder(): string {
  const base = process.env.XDG_CACHE_HOME;
  return join(base === undefined || base === '' ? join(os.homedir(), '.cache') : base, 'genonnx');
}

/** One file a machine, so that processes never write into each other's. */
function verdictFile(folder: string, machine: CheckedMachine): string {
  const digest = sha256Hex(JSON.stringify(Object.entries(machine).sort()));
  return join(folder, `self-check-${digest.slice(0, 16)}.json`);
}

/** JSON has no infinity: null stands for it. */
const difference = z
  .number()
  .nullable()
  .transform((value) => value ?? Number.POSITIVE_INFINITY);

const keptSchema = z.object({
  machine: z.object({
    block: z.number(),
    processor: z.string(),
    runtime: z.string(),
    genonnx: z.string(),
  }),
  verdict: z.object({
    ok: z.boolean(),
    failures: z.array(z.object({ operation: z.string(), difference })),
  }),
});

async function readVerdict(file: string, machine: CheckedMachine): Promise<CheckVerdict | undefined> {
  try {
    const kept = keptSchema.parse(JSON.parse(await readFile(file, 'utf8')));
    const same =
      kept.machine.block === machine.block &&
      kept.machine.processor === machine.processor &&
      kept.machine.runtime === machine.runtime &&
      kept.machine.genonnx === machine.genonnx;
    return same ? kept.verdict : undefined;
  } catch {
    return undefined;
  }
}

async function keepVerdict(
  file: string,
  kept: { readonly machine: CheckedMachine; readonly verdict: CheckVerdict },
): Promise<void> {
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeJsonAtomic(file, kept);
  } catch {
    // The next start checks again.
  }
}

const runInOrt: ModelRunner = async (model, feeds) => {
  const session = await ort.InferenceSession.create(model, { ...sessionOptions, logSeverityLevel: 4 });
  try {
    const inputs = Object.entries(feeds).map(([name, { shape, data }]): [string, ort.Tensor] => [
      name,
      data instanceof Float32Array
        ? new ort.Tensor('float32', data, shape)
        : new ort.Tensor('bool', data, shape),
    ]);
    const results = await session.run(Object.fromEntries(inputs));
    return Object.fromEntries(
      Object.entries(results).map(([name, { data }]) => [
        name,
        data instanceof Float32Array ? data : new Float32Array(),
      ]),
    );
  } finally {
    await session.release();
  }
};
