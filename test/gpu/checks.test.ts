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
const lacks =
  process.platform !== 'linux' ||
  !existsSync(join(root, 'dist/src/cli/main.js')) ||
  !existsSync(join(vulkan, 'libvulkan.so.1')) ||
  !existsSync(join(vulkan, 'vk_swiftshader_icd.json'));

describe.skipIf(lacks)('checks.mjs', () => {
  it('passes on the WebGPU provider of onnxruntime-node', { timeout: 300_000 }, async () => {
    const out = freshFolder();
    const { stdout, exitCode } = await execa(
      process.execPath,
      [join(root, 'test/gpu/checks.mjs'), '--provider', 'webgpu', '--quick', '--out', out],
      {
        env: { LD_LIBRARY_PATH: vulkan, VK_ICD_FILENAMES: join(vulkan, 'vk_swiftshader_icd.json') },
        reject: false,
      },
    );
    expect(stdout.split('\n').map((text) => text.replace(/(: .*?): .*/, '$1'))).toEqual([
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
    const checks = z
      .array(z.object({ name: z.string(), outcome: z.string(), text: z.string() }))
      .parse(JSON.parse(readFileSync(join(out, 'checks.json'), 'utf8')));
    expect(checks.map(({ outcome }) => outcome)).toEqual(['ok', 'ok', 'ok', 'ok']);
  });
});
