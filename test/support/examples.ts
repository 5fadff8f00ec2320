// The examples as programs: those of `examples/`, and the code in the README.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { repository } from './package.js';

/** A program in TypeScript, by the name of its file. */
export interface Example {
  readonly name: string;
  readonly source: string;
}

/** One of `examples/`. */
export function example(file: string): Example {
  return { name: file, source: readFileSync(join(repository, 'examples', file), 'utf8') };
}

/** What stands in the README as TypeScript. */
export function readmeExamples(): Example[] {
  const text = readFileSync(join(repository, 'README.md'), 'utf8');
  return [...text.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, source = ''], i) => ({
    name: `readme-${i + 1}.ts`,
    source,
  }));
}

/**
 * The JavaScript of a program for Node, in a file of this package: its own name means there what it means to those who
 * installed it.
 */
export async function javaScriptOf({ name, source }: Example): Promise<string> {
  const outfile = join(repository, '.cache/examples', name.replace(/\.ts$/, '.mjs'));
  await build({
    stdin: { contents: source, loader: 'ts', resolveDir: repository },
    outfile,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    logLevel: 'silent',
  });
  return outfile;
}
