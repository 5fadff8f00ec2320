import { describe, expect, it } from 'vitest';
import { resolveLayout } from '../../../src/library/layout.js';

describe('resolveLayout', () => {
  it.each([
    ['notes', false],
    ['notes nothing of', true],
  ])('%s a fall back from kernels that give wrong results', async (_, ok) => {
    const failures = ok ? [] : [{ operation: 'maxPool2d', difference: 1 }];
    const sources = { probe: async () => 16, check: async () => ({ ok, failures }) };
    const notes: string[] = [];
    const layout = await resolveLayout('auto', (text) => notes.push(text), sources);
    expect(layout).toEqual(ok ? { kind: 'blocked', block: 16 } : { kind: 'portable' });
    const expected = expect.stringContaining('warning: the portable layout is used, which is slower');
    expect(notes).toEqual(ok ? [] : [expected]);
  });
});
