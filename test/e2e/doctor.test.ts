import { describe, expect, it } from 'vitest';
import { genonnx } from './command.js';

describe('doctor', () => {
  it('asks every provider, and says what is missing and what mends it', async () => {
    const ended = await genonnx(['doctor', '--json'], { env: { CHROMIUM: '/none' } });
    expect(ended.exitCode, String(ended.stderr)).toBe(0);
    const { providers, browser, layout } = JSON.parse(String(ended.stdout));
    expect(layout.reason).not.toBe('');
    expect(providers.map(({ name }: { name: string }) => name)).toContain('tensorrt');
    expect(providers[0]).toMatchObject({ name: 'cpu', runtime: { name: 'onnxruntime-node' } });
    const lack = { missing: expect.stringContaining('CHROMIUM'), cure: expect.stringContaining('CHROMIUM') };
    expect(providers).toContainEqual({ name: 'web-wasm', runtime: null, ...lack });
    expect(browser).toEqual(lack);
  });
});
