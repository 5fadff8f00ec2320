// What the entries of the package export, and the text that stands before each of it where it is declared.
import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { repository } from './package.js';

export interface PublicExport {
  readonly name: string;
  readonly isType: boolean;
  /** The file that declares it. */
  readonly file: string;
  /** Undefined where it has none. */
  readonly docstring: string | undefined;
}

/** Of an entry, `src/index.ts`, in the order of its statements; entries are re-exports and nothing else. */
export function publicExports(entry: string): PublicExport[] {
  const source = readFileSync(join(repository, entry), 'utf8').replace(/^\/\/.*$/gm, '');
  const statements = [...source.matchAll(/export (?:(type) )?(?:\*|\{([^}]*)\}) from '([^']+)';/g)];
  const rest = statements.reduce((text, [statement]) => text.replace(statement, ''), source).trim();
  if (rest !== '') throw new Error(`${entry} is to re-export only, and has: ${rest}`);
  return statements.flatMap(([, allTypes, names, from = '']) => {
    const file = posix.join(posix.dirname(entry), from).replace(/\.js$/, '.ts');
    if (names === undefined) return publicExports(file);
    const members = names.split(',').map((member) => member.trim());
    return members
      .filter((member) => member !== '')
      .map((member) => {
        const name = member.replace(/^type /, '');
        const isType = allTypes !== undefined || name !== member;
        return { name, isType, file, docstring: docstringOf(name, file) };
      });
  });
}

/** The comment right before a declaration; that of the first, where a function has overloads. */
function docstringOf(name: string, file: string): string | undefined {
  const source = readFileSync(join(repository, file), 'utf8');
  const kinds = '(?:async function|function|const|abstract class|class|interface|type|enum)';
  const declaration = new RegExp(`^export (?:declare )?${kinds} ${name}\\b`, 'm').exec(source);
  if (declaration === null) {
    const again = new RegExp(`^export (?:type )?\\{[^}]*\\b${name}\\b[^}]*\\} from '([^']+)'`, 'm').exec(
      source,
    );
    if (again === null) throw new Error(`${file} does not export ${name}`);
    return docstringOf(name, posix.join(posix.dirname(file), again[1] ?? '').replace(/\.js$/, '.ts'));
  }
  const [, text] =
    /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*(?:\/\/.*\s*)?$/.exec(source.slice(0, declaration.index)) ?? [];
  return text?.replaceAll(/\s*\n\s*\*\s?/g, ' ').trim();
}
