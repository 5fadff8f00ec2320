// Nodes by name: which ones a pattern means, and which belong together. Names are paths,
// `cells.3/node2/5.sep_conv_3x3@1/first/depthwise/Conv`: an operation of the network is a group of nodes.
import type * as onnx from '../../../graphs/onnx/proto.js';
import { GenonnxError } from '../../errors.js';

export function nodeName({ name, output }: onnx.INodeProto): string {
  return name || (output?.[0] ?? '');
}

/** At most so many steps of a path: a cell, a node of it, an edge. */
const groupDepth = 3;

/** The operation of the network that a node is part of: what is before its operator, three steps at most. */
export function groupOf(node: onnx.INodeProto): string {
  const name = nodeName(node);
  const steps = name.split('/');
  const start = steps[0] === '' ? 1 : 0;
  const within = steps.slice(0, -1).slice(0, start + groupDepth);
  return within.length > start ? within.join('/') : name;
}

/**
 * Whether one of the patterns means a node: its whole name or the beginning of its path, `*` for anything.
 * @throws GenonnxError `usage` for a pattern that means none.
 */
export function excluder(
  patterns: readonly string[],
  nodes: readonly onnx.INodeProto[],
): (node: onnx.INodeProto) => boolean {
  const tests = patterns.map((pattern) => {
    const literal = pattern.split('*').map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
    return { pattern, expression: new RegExp(`^${literal.join('.*')}(/|$)`) };
  });
  const idle = tests.find(({ expression }) => !nodes.some((node) => expression.test(nodeName(node))));
  if (idle !== undefined) {
    throw new GenonnxError('usage', 'There is no such node to exclude.', {
      where: '`exclude`',
      expected: `a name such as ${nodeName(nodes[0] ?? {})}, its beginning, or a pattern with *`,
      found: idle.pattern,
      cure: 'Ask for `sensitivity`: it lists the operations by their names.',
    });
  }
  return (node) => tests.some(({ expression }) => expression.test(nodeName(node)));
}
