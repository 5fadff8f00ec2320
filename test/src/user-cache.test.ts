import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { userCacheFolder } from '../../src/user-cache.js';

afterEach(() => {
  vi.unstubAllEnvs();
});

it('follows XDG_CACHE_HOME, or lies in the home folder', () => {
  vi.stubEnv('XDG_CACHE_HOME', '/somewhere');
  expect(userCacheFolder()).toBe(join('/somewhere', 'genonnx'));
  vi.stubEnv('XDG_CACHE_HOME', '');
  expect(userCacheFolder()).toMatch(/[\\/]\.cache[\\/]genonnx$/);
});
