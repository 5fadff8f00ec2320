// Builds dist/ from nothing, so that a deleted source file leaves nothing behind.
import { execFileSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Runs the TypeScript compiler; its messages go to standard error, so that `--json` output stays clean. */
export function build() {
  rmSync(new URL('../dist', import.meta.url), { recursive: true, force: true });
  const compiler = fileURLToPath(new URL('../node_modules/typescript/bin/tsc', import.meta.url));
  execFileSync(process.execPath, [compiler, '-p', 'tsconfig.build.json'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  });
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

if (process.argv[1] === fileURLToPath(import.meta.url)) build();
