#!/usr/bin/env node
// The command. A published package carries dist/; a fresh checkout builds it the first time it is asked for.
import { existsSync } from 'node:fs';

const main = new URL('../dist/src/cli/main.js', import.meta.url);
if (!existsSync(main)) {
  const { build } = await import('./build.mjs');
  build();
}
await import(main.href);
