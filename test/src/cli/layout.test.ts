import { describe, expect, it, vi } from 'vitest';
import { resolveLayout } from '../../../src/cli/layout.js';

describe('resolveLayout', () => {
  it.each([
    ['says', false, 'warning: the portable layout is used, which is slower'],
    ['says nothing of', true, ''],
  ])('%s a fall back from kernels that give wrong results', async (_, ok, said) => {
    const written = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    const failures = ok ? [] : [{ operation: 'maxPool2d', difference: 1 }];
    const sources = { probe: async () => 16, check: async () => ({ ok, failures }) };
    const layout = await resolveLayout('auto', sources);
    const texts = written.mock.calls.map(([text]) => String(text)).join('');
    written.mockRestore();
    expect(layout).toEqual(ok ? { kind: 'blocked', block: 16 } : { kind: 'portable' });
    expect(texts).toContain(said);
    expect(texts === '').toBe(ok);
  });
});
