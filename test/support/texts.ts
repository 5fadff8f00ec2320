// What a source says: its string literals and templates, by parsing it, so that comments and regular expressions do not count.
import { parseAst } from 'vitest/node';

export interface Text {
  /** Of a template, with `x` where an expression stands. */
  readonly text: string;
  readonly line: number;
}

type Visit = (node: Readonly<Record<string, unknown>>) => void;

/** The texts of a file of TypeScript or JavaScript, in their order. */
export function textsOf(source: string): Text[] {
  const found: Text[] = [];
  walk(parsed(source), (node) => found.push(...textIn(node, source)));
  return found;
}

/** The texts that are an error's summary, or its cure, each of them where there is a choice. */
export function textsAt(source: string, where: 'summary' | 'cure'): Text[] {
  const found: Text[] = [];
  walk(parsed(source), (node) => {
    const part = where === 'cure' ? cureIn(node) : summaryIn(node);
    if (part !== undefined) for (const one of choices(part)) found.push(...textIn(one, source));
  });
  return found;
}

function parsed(source: string): unknown {
  return parseAst(source, { lang: 'ts' });
}

function walk(node: unknown, visit: Visit): void {
  if (Array.isArray(node)) {
    for (const one of node) walk(one, visit);
    return;
  }
  if (!isRecord(node)) return;
  visit(node);
  for (const child of Object.values(node)) walk(child, visit);
}

/** A literal's or a template's own text; the templates inside of one are texts of their own. */
function textIn(node: unknown, source: string): Text[] {
  if (!isRecord(node)) return [];
  const line = source.slice(0, typeof node.start === 'number' ? node.start : 0).split('\n').length;
  if (node.type === 'Literal' && typeof node.value === 'string') return [{ text: node.value, line }];
  if (node.type !== 'TemplateLiteral' || !Array.isArray(node.quasis)) return [];
  return [{ text: node.quasis.map(cookedText).join('x'), line }];
}

function cookedText(quasi: unknown): string {
  const value = isRecord(quasi) ? quasi.value : undefined;
  return isRecord(value) && typeof value.cooked === 'string' ? value.cooked : '';
}

/** `cure: ...` in an object. */
function cureIn({ type, key, value }: Readonly<Record<string, unknown>>): unknown {
  return type === 'Property' && isRecord(key) && key.name === 'cure' ? value : undefined;
}

/** The second argument of `new GenonnxError`, the third of `errorAt`. */
function summaryIn({ callee, arguments: given }: Readonly<Record<string, unknown>>): unknown {
  if (!isRecord(callee) || !Array.isArray(given)) return undefined;
  if (callee.name === 'GenonnxError') return given[1];
  return callee.name === 'errorAt' ? given[2] : undefined;
}

/** The sides of a choice, and what `didYouMean` says otherwise. */
function choices(node: unknown): unknown[] {
  if (!isRecord(node)) return [];
  const { type, consequent, alternate, right, arguments: given } = node;
  if (type === 'ConditionalExpression') return [consequent, alternate].flatMap(choices);
  if (type === 'LogicalExpression') return choices(right);
  if (type === 'CallExpression' && Array.isArray(given)) return choices(given.at(-1));
  return [node];
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
