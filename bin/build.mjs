// Builds dist/ from nothing, so that a deleted source file leaves nothing behind.
import { spawn } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { buildPages } from './build-pages.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Compiles the package, and beside it the pages; messages go to standard error, so that `--json` output stays clean. */
export async function build() {
  rmSync(new URL('../dist', import.meta.url), { recursive: true, force: true });
  await Promise.all([compile(), buildPages()]);
  // What the browser exporters ship as it is.
  for (const site of [
    'exporters/ort-web/site',
    'exporters/ort-web/language-site',
    'exporters/ort-web/mask-site',
  ])
    cpSync(new URL(`../${site}`, import.meta.url), new URL(`../dist/${site}`, import.meta.url), {
      recursive: true,
    });
}

/** Runs the TypeScript compiler. */
function compile() {
  const compiler = fileURLToPath(new URL('../node_modules/typescript/bin/tsc', import.meta.url));
  return new Promise((resolve, reject) => {
    const started = spawn(process.execPath, [compiler, '-p', 'tsconfig.build.json'], {
      cwd: root,
      stdio: ['ignore', 2, 2],
    });
    started.once('error', reject);
    started.once('exit', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`the compiler ended with ${code}`));
    });
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await build();
