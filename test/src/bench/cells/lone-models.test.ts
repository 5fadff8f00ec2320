import { describe, expect, it } from 'vitest';
import { fedInputs } from '../../../../graphs/bound-graph.js';
import { decodeModel } from '../../../../graphs/onnx/model.js';
import {
  compileLoneModel,
  modelsOf,
  recipeOf,
  traceLoneModel,
} from '../../../../src/bench/cells/lone-models.js';
import { partsOfSpace } from '../../../../src/bench/cells/network-parts.js';
import type { Part } from '../../../../src/bench/cells/parts.js';
import { NETWORK_NAMES } from '../../../../src/networks/evaluation.js';
import { convolutionalSpace, PRIMITIVES } from '../../../../src/spaces/convolutional.js';

const recipes = NETWORK_NAMES.flatMap((name) =>
  partsOfSpace(
    { name, cells: 3, initChannels: 4, classes: 3, image: { channels: 3, height: 32, width: 32 } },
    convolutionalSpace('any', { nodes: 2, primitives: PRIMITIVES }),
  ).map(recipeOf),
);
const models = [...modelsOf(recipes).values()];

describe('the models of recipes', () => {
  it('differ from each other', () => {
    const traced = models.map((model) => JSON.stringify(describeNodes(model)));
    expect(new Set(traced).size).toBe(models.length);
  });

  it('do nothing twice, which a runtime would do once', () => {
    for (const model of models) {
      const nodes = describeNodes(model);
      expect(nodes.length, model.name).toBe(new Set(nodes).size);
    }
  });

  it('take the batch, and compile with batch norms folded or not', () => {
    const part: Part = {
      part: 'primitive',
      operation: 'dil_conv_3x3',
      channels: 4,
      outputs: 4,
      height: 8,
      width: 8,
      stride: 2,
    };
    const { alone } = recipeOf(part);
    const [folded, plain] = [true, false].map((fold) => compileLoneModel(alone!, { batch: 3, fold }));
    expect([...folded!.inputs.values()]).toEqual([[3, 4, 8, 8]]);
    const operators = ({ bytes }: { readonly bytes: Uint8Array }) =>
      decodeModel(bytes, 'model').graph!.node!.map(({ opType }) => opType);
    expect(operators(plain!)).toContain('BatchNormalization');
    expect(operators(folded!)).toEqual(['Relu', 'Conv', 'Conv']);
  });

  it('are refused for what is no primitive', () => {
    const part = { part: 'primitive', channels: 4, outputs: 4, height: 8, width: 8, stride: 1 } as const;
    expect(() => recipeOf({ ...part, operation: 'none' })).toThrow(
      expect.objectContaining({ code: 'usage' }),
    );
  });
});

/** Every node with what it reads, all by number. */
function describeNodes(model: (typeof models)[number]): string[] {
  const { bound } = traceLoneModel(model, 1);
  const numbers = new Map([...fedInputs(bound), ...bound.weights.keys()].map((value, i) => [value, i]));
  return bound.graph.nodes.map(({ op, inputs, outputs, attributes }) => {
    const text = `${op} ${JSON.stringify(attributes)} ${inputs.map((value) => `${numbers.get(value)}:${value.shape}`)}`;
    for (const value of outputs) numbers.set(value, numbers.size);
    return text;
  });
}
