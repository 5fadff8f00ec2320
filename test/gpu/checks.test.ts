// The checks for GPUs, run for real where a device for Vulkan can be had without one: on SwiftShader, which Debian's Chromium
// brings along. It is slow and it is a processor, but onnxruntime-node's own WebGPU provider runs on it, strictness and all.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { parseResults } from '../../src/bench/results.js';
import { freshFolder } from '../e2e/command.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const vulkan = '/usr/lib/chromium';
const hasVulkan =
  existsSync(join(vulkan, 'libvulkan.so.1')) && existsSync(join(vulkan, 'vk_swiftshader_icd.json'));
const hasCuda = existsSync(
  join(root, 'node_modules/onnxruntime-node/bin/napi-v6/linux/x64/libonnxruntime_providers_shared.so'),
);
const isBuilt = existsSync(join(root, 'dist/src/cli/main.js'));

async function checks(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const script = join(root, 'test/gpu/checks.mjs');
  const { stdout, exitCode } = await execa(process.execPath, [script, '--quick', ...args], {
    env,
    reject: false,
  });
  return { lines: stdout.split('\n'), exitCode };
}

describe.skipIf(process.platform !== 'linux' || process.arch !== 'x64' || !isBuilt)('checks.mjs', () => {
  it.skipIf(hasCuda)('fails where CUDA does not start, and skips what else does not', async () => {
    const { lines, exitCode } = await checks(['--out', freshFolder()], { VK_ICD_FILENAMES: '/none' });
    const missing = 'OrtSessionOptionsAppendExecutionProvider_Cuda: Failed to load shared library';
    const named = `${missing}; libonnxruntime_providers_shared.so: cannot open shared object file`;
    expect(lines).toEqual([
      `failed: bench small on cuda, TF32 allowed: exit code 3: ${named}`,
      `failed: bench small on cuda, TF32 off: exit code 3: ${named}`,
      `failed: Det on cuda is refused: exit code 3 instead of 1: ${named}`,
      `failed: Det on cuda with --allow-fallback: exit code 3: ${named}`,
      `failed: outputs of small on cuda, TF32 allowed, against interpreter: exit code 1: ${missing}`,
      `failed: outputs of small on cuda, TF32 off, against interpreter: exit code 1: ${missing}`,
      ...['pixels', 'imagenet'].flatMap((name) =>
        ['allowed', 'off'].map(
          (tf32) =>
            `failed: outputs of ${name} on cuda, TF32 ${tf32}, against interpreter: exit code 1: ${missing}`,
        ),
      ),
      ...['allowed', 'off'].flatMap((tf32) =>
        ['language', 'language-step'].map(
          (name) =>
            `failed: outputs of ${name} on cuda, TF32 ${tf32}, against interpreter: exit code 1: ${missing}`,
        ),
      ),
      expect.stringMatching(/^skipped: bench small on tensorrt: .*Failed to load shared library; libonnx/),
      expect.stringMatching(/^skipped: bench small on webgpu: Failed to get a WebGPU adapter/),
      expect.stringMatching(/^(skipped|ok): engine tfjs-node-gpu: /),
      expect.stringMatching(/^\d ok, 14 failed, \d skipped$/),
    ]);
    expect(exitCode).toBe(1);
  });

  it.skipIf(!hasVulkan)(
    'passes on the WebGPU provider of onnxruntime-node',
    { timeout: 300_000 },
    async () => {
      const out = freshFolder();
      const { lines, exitCode } = await checks(['--provider', 'webgpu', '--out', out], {
        LD_LIBRARY_PATH: vulkan,
        VK_ICD_FILENAMES: join(vulkan, 'vk_swiftshader_icd.json'),
      });
      expect(lines.map((text) => text.replace(/(: .*?): .*/, '$1'))).toEqual([
        'ok: bench small on webgpu',
        'ok: Det on webgpu is refused',
        'ok: Det on webgpu with --allow-fallback',
        'ok: outputs of small on webgpu, against interpreter',
        '4 ok, 0 failed, 0 skipped',
      ]);
      expect(exitCode).toBe(0);

      const kept = join(out, 'bench-small-webgpu.json');
      const [measurement] = parseResults(readFileSync(kept, 'utf8'), kept).measurements;
      expect(measurement?.execution).toMatchObject({ asked: 'webgpu', tf32: null });
      expect(measurement?.execution.placement?.cpuFallback.nodes).toBe(0);
      const kinds = z
        .array(z.object({ name: z.string(), outcome: z.string(), text: z.string() }))
        .parse(JSON.parse(readFileSync(join(out, 'checks.json'), 'utf8')));
      expect(kinds.map(({ outcome }) => outcome)).toEqual(['ok', 'ok', 'ok', 'ok']);
    },
  );
});
