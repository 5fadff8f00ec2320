// Whether the blocked operations can be trusted on this machine. The check of `graphs/onnx/self-check.ts` runs once for
// each processor, runtime and version of this package; the verdict is kept in a small file in the user's cache folder. A
// cache that cannot be read or written costs a second, and is no error.
import { mkdir, readFile } from 'node:fs/promises';
import os from 'node:os';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { type CheckVerdict, checkBlocked, type ModelRunner } from '../../../graphs/onnx/self-check.js';
import { sha256Hex } from '../../hash.js';
import { writeJsonAtomic } from '../../runs/atomic.js';
import { userCacheFolder } from '../../user-cache.js';

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
}

/** The machine that this process runs on, with the versions of the runtime and of this package. */
export function thisMachine(
  block: number,
  versions: Pick<CheckedMachine, 'runtime' | 'genonnx'>,
): CheckedMachine {
  return { block, processor: os.cpus()[0]?.model.trim() ?? os.arch(), ...versions };
}

/** The verdict on the blocked operations: the kept one, or that of a check that runs now. */
export async function selfCheck(
  machine: CheckedMachine,
  run: ModelRunner,
  { cacheFolder = userCacheFolder() }: SelfCheckOptions = {},
): Promise<CheckVerdict> {
  const file = verdictFile(cacheFolder, machine);
  const kept = await readVerdict(file, machine);
  if (kept !== undefined) return kept;
  const verdict = await checkBlocked(machine.block, run);
  await keepVerdict(file, { machine, verdict });
  return verdict;
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
