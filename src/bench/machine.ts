// This machine, for a receipt. All that is asked of the system goes through `System`, so that tests bring their own;
// whatever does not answer is null, because a benchmark on a processor needs no GPU.
import { readdir, readFile } from 'node:fs/promises';
import os from 'node:os';
import process from 'node:process';
import { execa } from 'execa';
import {
  gpuQuery,
  libraryFolders,
  libraryVersion,
  parseCpuinfo,
  parseCudaOfDriver,
  parseGpus,
} from './machine-texts.js';
import type { Device } from './receipt.js';

export interface System {
  /** Standard output of a command that ended well; null where there is none, or it failed or took too long. */
  run(command: string, args: readonly string[]): Promise<string | null>;
  /** Null where it cannot be read. */
  readText(path: string): Promise<string | null>;
  /** Names in a folder; none where it cannot be read. */
  list(folder: string): Promise<readonly string[]>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** `linux`, and `x64`. */
  readonly platform: string;
  readonly architecture: string;
  /** The processor's name as Node has it. */
  readonly processor: string | undefined;
  readonly cores: number;
  readonly availableCores: number;
  readonly memoryBytes: number;
}

/** A driver that hangs must not keep the benchmark waiting. */
const commandTimeoutMs = 5000;

export function thisSystem(): System {
  const cpus = os.cpus();
  return {
    run: async (command, args) => {
      const { failed, stdout } = await execa(command, args, {
        timeout: commandTimeoutMs,
        stdin: 'ignore',
        reject: false,
      });
      return failed ? null : stdout;
    },
    readText: (path) => readFile(path, 'utf8').catch(() => null),
    list: (folder) => readdir(folder).catch(() => []),
    environment: process.env,
    platform: os.platform(),
    architecture: os.arch(),
    processor: cpus[0]?.model.trim(),
    cores: cpus.length,
    availableCores: os.availableParallelism(),
    memoryBytes: os.totalmem(),
  };
}

/** What this machine is. Never throws. */
export async function collectDevice(system: System = thisSystem()): Promise<Device> {
  const { platform, architecture, cores, availableCores, memoryBytes } = system;
  const isLinux = platform === 'linux';
  const cpuinfo = parseCpuinfo((isLinux ? await system.readText('/proc/cpuinfo') : null) ?? '');
  const [gpus, table] = [await system.run('nvidia-smi', gpuQuery), await system.run('nvidia-smi', [])];
  const ldconfig = (isLinux ? await system.run('ldconfig', ['-p']) : null) ?? '';
  const version = async (library: string): Promise<string | null> => {
    const searched = (system.environment.LD_LIBRARY_PATH ?? '').split(':').filter((folder) => folder !== '');
    // In the order of the loader: the first folder that has the library wins.
    for (const folder of [...searched, ...libraryFolders(ldconfig, library)]) {
      const found = libraryVersion(await system.list(folder), library);
      if (found !== null) return found;
    }
    return null;
  };
  return {
    platform: `${platform} ${architecture}`,
    processor: {
      model: cpuinfo.model ?? system.processor ?? 'unknown',
      flags: cpuinfo.flags,
      // Where the system hides its processors, there is at least the one that this runs on.
      cores: Math.max(cores, 1),
      availableCores,
    },
    memoryBytes,
    gpus: gpus === null ? null : parseGpus(gpus),
    cudaOfDriver: parseCudaOfDriver(table ?? ''),
    cudaRuntime: await version('libcudart'),
    cudnn: await version('libcudnn'),
  };
}
