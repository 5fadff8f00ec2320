// The files that a module brings in at run time, and by which way. Type-only imports vanish when the sources are compiled
// and do not count; an import of nothing but `type` members stays there as one of the file, and counts.
import { existsSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

/** What a file needs that not every machine with JavaScript has. */
export interface Impurity {
  /** The files from the entry to the one that needs it, relative to the root. */
  readonly chain: readonly string[];
  /** `node:fs`, `onnxruntime-node`, `Buffer`. */
  readonly needs: string;
}

const statement = /^\s*(?:import|export)\s+(?!type\b)(?:[^'"`;]*?\bfrom\s*)?(['"])([^'"]+)\1/gm;
const dynamic = /(?<!typeof )\bimport\(\s*(['"])([^'"]+)\1\s*\)/g;
const onlyInNode = /(?<![.\w'"`$])(?:process\.|Buffer\b|__dirname\b|__filename\b|require\(|setImmediate\b)/g;

/** Specifiers of what a source text imports at run time. */
export function importsOf(source: string): string[] {
  const code = withoutComments(source);
  return [...code.matchAll(statement), ...code.matchAll(dynamic)].map((match) => match[2] ?? '');
}

/**
 * Everything that `entry` needs, directly or through others, beside the packages that `isPure` accepts.
 * @param entry Relative to the root of the repository.
 */
export function impuritiesOf(entry: string, isPure: (name: string) => boolean): Impurity[] {
  const found: Impurity[] = [];
  const seen = new Set<string>();
  const visit = (file: string, above: readonly string[]): void => {
    if (seen.has(file)) return;
    seen.add(file);
    const chain = [...above, relative(root, file)];
    const source = readFileSync(file, 'utf8');
    for (const [name] of withoutComments(source).matchAll(onlyInNode))
      found.push({ chain, needs: name.replace(/[.(]$/, '') });
    for (const specifier of importsOf(source)) {
      const inside = specifier.startsWith('.') ? resolved(file, specifier) : undefined;
      // The compiler refuses a file that is not there; this is a line of a text that looks like an import.
      if (inside !== undefined) existsSync(inside) && visit(inside, chain);
      else if (isBuiltin(specifier) || !isPure(packageOf(specifier))) found.push({ chain, needs: specifier });
    }
  };
  visit(join(root, entry), []);
  return found;
}

/** `@scope/name` or `name` of a specifier. */
function packageOf(specifier: string): string {
  const [first = '', second = ''] = specifier.split('/');
  return first.startsWith('@') ? `${first}/${second}` : first;
}

function isBuiltin(specifier: string): boolean {
  return specifier.startsWith('node:') || builtinModules.includes(specifier);
}

/** The source of a relative specifier: `./a.js` is compiled from `./a.ts`, where there is one. */
function resolved(from: string, specifier: string): string {
  const path = join(dirname(from), specifier);
  const source = path.replace(/\.js$/, '.ts');
  return existsSync(source) ? source : path;
}

/** Comments go; a line stays a line. */
function withoutComments(source: string): string {
  return source.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '$1');
}
