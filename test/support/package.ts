// The package as somebody else has it: packed, and installed from the tarball into an empty folder, with what it depends on
// from npm's cache or registry.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { z } from 'zod';
import { freshFolder } from '../e2e/command.js';

export const repository = fileURLToPath(new URL('../../', import.meta.url));

const packedSchema = z.tuple([
  z.object({
    filename: z.string(),
    size: z.number(),
    files: z.array(z.object({ path: z.string(), size: z.number() })),
  }),
]);

export interface Tarball {
  readonly path: string;
  readonly sizeBytes: number;
  readonly files: readonly { readonly path: string; readonly size: number }[];
}

/** Packs what is built, and does not build: other tests run the same `dist/`. */
export async function pack(): Promise<Tarball> {
  const folder = freshFolder();
  const args = ['pack', '--ignore-scripts', '--json', '--pack-destination', folder];
  const { stdout } = await execa('npm', args, { cwd: repository, env: npmEnvironment(), extendEnv: false });
  const [{ filename, size, files }] = packedSchema.parse(JSON.parse(stdout));
  return { path: join(folder, filename), sizeBytes: size, files };
}

export type Installed = { readonly folder: string } | { readonly noRegistry: string };

/** npm's words for a registry that does not answer, or a cache that has not everything. */
const unreachable = /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|ETIMEDOUT|ENOTCACHED)\b/;

/**
 * Installs as the README says, with the install scripts of others on.
 * @throws when npm fails for another reason than a registry out of reach.
 */
export async function install(tarball: string): Promise<Installed> {
  const folder = join(freshFolder(), 'app');
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), '{ "name": "app", "private": true, "type": "module" }\n');
  const args = ['install', '--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts=false', tarball];
  const { exitCode, stderr } = await execa('npm', args, {
    cwd: folder,
    env: { ...npmEnvironment(), ONNXRUNTIME_NODE_INSTALL: 'skip' },
    extendEnv: false,
    reject: false,
  });
  if (exitCode === 0) return { folder };
  const [found] = unreachable.exec(stderr) ?? [];
  if (found !== undefined) return { noRegistry: `npm install: ${found}` };
  throw new Error(`npm install failed:\n${stderr}`);
}

/** Without what `npm test` tells its scripts about this package. */
function npmEnvironment(): Record<string, string | undefined> {
  const own = /^npm_(package_|lifecycle_|config_(ignore_scripts|local_prefix|global_prefix|prefix)$)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !own.test(name)));
}

const manifestSchema = z.object({
  version: z.string(),
  exports: z.record(z.string(), z.union([z.string(), z.object({ types: z.string(), default: z.string() })])),
});

export const manifest = manifestSchema.parse(
  JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')),
);

/** The names that programs import, `genonnx/browser`, and the source file behind each, `src/entries/browser.ts`. */
export const entries: ReadonlyMap<string, string> = new Map(
  Object.entries(manifest.exports).flatMap(([subpath, target]) =>
    typeof target === 'string'
      ? []
      : [[`genonnx${subpath.slice(1)}`, target.default.replace(/^\.\/dist\/(.*)\.js$/, '$1.ts')] as const],
  ),
);
