#!/usr/bin/env node
// The command. A published package carries dist/; a fresh checkout builds it the first time it is asked for.
import { existsSync } from 'node:fs';
import process from 'node:process';

// ONNX Runtime's native library would start a telemetry client with its first session.
process.env.ORT_DISABLE_TELEMETRY ??= '1';

const main = new URL('../dist/src/cli/main.js', import.meta.url);
if (!existsSync(main)) {
  const { build } = await import('./build.mjs');
  await build();
}
await import(main.href);
