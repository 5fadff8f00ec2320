import { expect, it } from 'vitest';
import { version } from '../../src/version.js';
import { manifest } from '../support/package.js';

it('is that of package.json', () => {
  expect(version).toBe(manifest.version);
});
