// What systems print about themselves, read: the text of a file or of a command in, what a receipt says of it out. Pure,
// so that no machine is needed to test it.
import type { Gpu } from './receipt.js';

/** Instruction sets that linear algebra and convolutions are written for, on x86 and on ARM. */
const kernelFlags = /^(sse4_[12]|avx\w*|fma|f16c|amx_\w+|asimd\w*|sve\w*|fphp|i8mm|bf16|sme(?!p$)\w*)$/;

/** `/proc/cpuinfo` of Linux: of its first processor. ARM does not give a name there. */
export function parseCpuinfo(text: string): {
  readonly model: string | null;
  readonly flags: string[] | null;
} {
  const field = (name: RegExp): string | undefined =>
    text
      .split('\n')
      .find((line) => name.test(line))
      ?.replace(/^[^:]*:/, '')
      .trim();
  const flags = field(/^(flags|Features)\s*:/)
    ?.split(/\s+/)
    .filter((flag) => kernelFlags.test(flag))
    .sort();
  return { model: field(/^model name\s*:/) || null, flags: flags ?? null };
}

/** What `parseGpus` reads: arguments of nvidia-smi. */
export const gpuQuery = [
  '--query-gpu=name,driver_version,memory.total,compute_cap',
  '--format=csv,noheader,nounits',
] as const;

/** A line a GPU: `NVIDIA H100 80GB HBM3, 550.54.15, 81559, 9.0`. Fields that a driver does not know are in brackets. */
export function parseGpus(text: string): Gpu[] {
  return text
    .split('\n')
    .map((line) => line.split(',').map((field) => field.trim()))
    .flatMap(([name, driver, mebibytes = '', capability = '']) => {
      if (!name || !driver) return [];
      const memory = Number.parseInt(mebibytes, 10);
      return [
        {
          name,
          driver,
          memoryBytes: Number.isFinite(memory) ? memory * 2 ** 20 : null,
          computeCapability: /^\d+\.\d+$/.test(capability) ? capability : null,
        },
      ];
    });
}

/** `CUDA Version: 12.4` in the head of nvidia-smi's table. */
export function parseCudaOfDriver(text: string): string | null {
  return /CUDA Version:\s*(\d+(?:\.\d+)*)/.exec(text)?.[1] ?? null;
}

/** Folders of libraries of that name in the output of `ldconfig -p`: `libcudnn.so.9 (libc6,x86-64) => /usr/lib/...`. */
export function libraryFolders(ldconfig: string, library: string): string[] {
  const folders = ldconfig
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line.startsWith(`${library}.so`))
    .flatMap((line) => /=> (.+)\/[^/]+$/.exec(line)?.[1] ?? []);
  return [...new Set(folders)];
}

/** The most exact version among file names: `9.1.0` of `libcudnn.so.9` and `libcudnn.so.9.1.0`. */
export function libraryVersion(fileNames: readonly string[], library: string): string | null {
  const prefix = `${library}.so.`;
  const versions = fileNames
    .filter((name) => name.startsWith(prefix))
    .map((name) => name.slice(prefix.length))
    .filter((version) => /^\d+(\.\d+)*$/.test(version));
  return versions.sort((a, b) => b.split('.').length - a.split('.').length)[0] ?? null;
}
