// Reads what the command line says of the two sides: `model.onnx`, `web:model.onnx`, `interpreter:model.onnx`,
// `expected.safetensors`.
import { existsSync } from 'node:fs';
import { GenonnxError } from '../../errors.js';
import { didYouMean } from '../../nearest-name.js';
import { SIDE_KINDS, type SideKind, type SideName } from './side.js';

/**
 * Without a prefix, a safetensors file holds expected outputs and any other is a model on onnxruntime-node. A file that
 * exists under the whole text is meant even if its name begins like a prefix; the letter of a drive is no prefix.
 * @throws GenonnxError `usage` when nothing follows the prefix, and for another prefix before a file that exists.
 */
export function parseSide(text: string): SideName {
  const [, prefix, rest = ''] = /^([a-z]{2,}):(.*)$/s.exec(text) ?? [];
  const kind = SIDE_KINDS.find((known) => known === prefix);
  if (kind === undefined && prefix !== undefined && !existsSync(text) && existsSync(rest)) {
    throw new GenonnxError('usage', 'There is no such kind of side.', {
      expected: SIDE_KINDS.map((known) => `${known}:FILE`).join(', '),
      found: text,
      cure: didYouMean(prefix, SIDE_KINDS, 'Put one of these before the file, or nothing.'),
    });
  }
  if (kind === undefined || existsSync(text)) return { kind: defaultKind(text), path: text };
  if (rest !== '') return { kind, path: rest };
  throw new GenonnxError('usage', 'A side needs a file.', {
    expected: `${kind}:FILE`,
    found: text,
    cure: `Pass for example ${kind}:${kind === 'expected' ? 'expected.safetensors' : 'model.onnx'}.`,
  });
}

function defaultKind(path: string): SideKind {
  return path.toLowerCase().endsWith('.safetensors') ? 'expected' : 'node';
}

/** A model alone is compared with the interpreter, the interpreter with onnxruntime-node. */
const counterpart: { readonly [K in SideKind]: SideKind | undefined } = {
  node: 'interpreter',
  web: 'interpreter',
  interpreter: 'node',
  expected: undefined,
};

/** Both sides. @throws GenonnxError `usage` where nothing would be computed. */
export function sidePair(a: SideName, b: SideName | undefined): readonly [SideName, SideName] {
  const kind = counterpart[a.kind];
  const other = b ?? (kind === undefined ? undefined : { kind, path: a.path });
  if (other !== undefined && (a.kind !== 'expected' || other.kind !== 'expected')) return [a, other];
  throw new GenonnxError('usage', 'Expected outputs need a model to be compared with.', {
    where: a.path,
    found: other === undefined ? 'expected outputs alone' : 'expected outputs twice',
    cure: 'Pass a model too: genonnx validate model.onnx expected.safetensors.',
  });
}
