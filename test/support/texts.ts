// What a source says: its string literals and templates, by parsing it, so that comments and regular expressions do not count.
import { parseAst } from 'vitest/node';

export interface Text {
  /** Of a template, with `x` where an expression stands. */
  readonly text: string;
  readonly line: number;
}

/** The texts of a file of TypeScript or JavaScript, in their order. */
export function textsOf(source: string): Text[] {
  const found: Text[] = [];
  const add = (text: string, start: unknown): void => {
    const line = source.slice(0, typeof start === 'number' ? start : 0).split('\n').length;
    found.push({ text, line });
  };
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) {
      for (const one of node) visit(one);
      return;
    }
    if (!isRecord(node)) return;
    if (node.type === 'Literal' && typeof node.value === 'string') add(node.value, node.start);
    if (node.type === 'TemplateLiteral' && Array.isArray(node.quasis))
      add(node.quasis.map(cookedText).join('x'), node.start);
    for (const child of Object.values(node)) visit(child);
  };
  visit(parseAst(source, { lang: 'ts' }));
  return found;
}

function cookedText(quasi: unknown): string {
  const value = isRecord(quasi) ? quasi.value : undefined;
  return isRecord(value) && typeof value.cooked === 'string' ? value.cooked : '';
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
