// Language models and the recurrent supernet against PyTorch, in float64 and on engines. PyTorch's float32 departs by up to 4e-6
// in the supernet, whose batch norms are over few rows.
import { afterAll, describe, expect, it } from 'vitest';
import { interpret } from '../../../../graphs/interpret/interpret.js';
import { createNodeOrtEngine } from '../../../../src/engines/ort/node.js';
import {
  allLanguageCases,
  checkLanguage,
  runLanguage,
  supernetCases,
} from '../../../support/language-cases.js';
import { edgeFeeds } from '../../../support/language-step.js';
import { defined } from '../../../support/tensors.js';

const cases = allLanguageCases();

describe('in the float64 interpreter', () => {
  it.each(cases)('$name', (languageCase) => {
    const { step, feeds, state } = languageCase;
    const found = interpret(step.program.graph, { ...feeds, ...state });
    checkLanguage(languageCase, found, 1e-9);
  });
});

describe('in ONNX Runtime', () => {
  const engine = createNodeOrtEngine({ layout: { kind: 'portable' }, threads: 1, worker: false });
  afterAll(() => engine.dispose());

  it.each(cases)('$name', async (languageCase) => {
    const tolerance = languageCase.name.includes('code') ? 5e-5 : 1e-5;
    checkLanguage(languageCase, await runLanguage(engine, languageCase), tolerance);
  });
});

describe('a node of which only `none` is open', () => {
  it('is zero, and nothing flows through its batch norm', () => {
    const [exact] = supernetCases().filter(({ name }) => name.startsWith('step of the supernet, binary'));
    const { step, feeds, state } = defined(exact);
    // Node 2 has the edges 3, 4 and 5.
    const entries = defined(feeds.code).data.map((entry, i) =>
      i >= 15 && i < 30 && i % 5 !== 0 ? 0 : entry,
    );
    const code = { shape: [36, 5], data: entries };
    const found = interpret(step.program.graph, {
      ...feeds,
      ...state,
      code: { shape: [180], data: entries },
      ...edgeFeeds(code, true),
    });
    const gradient = defined(found['gradient.code']).data;
    expect([...gradient.subarray(15, 30)].every((entry) => entry === 0)).toBe(true);
    expect(gradient.every(Number.isFinite)).toBe(true);
    expect(Math.max(...gradient.map(Math.abs))).toBeLessThan(10);
  });
});

describe('the sum over a node of its code times its gradient', () => {
  it('is zero: a batch norm does not see the scale', () => {
    const [soft] = supernetCases();
    const { step, feeds, state } = defined(soft);
    const gradient = defined(interpret(step.program.graph, { ...feeds, ...state })['gradient.code']).data;
    for (let node = 0, edge = 0; node < 8; edge += ++node) {
      let sum = 0;
      for (let entry = 5 * edge; entry < 5 * (edge + node + 1); entry++)
        sum += entry % 5 === 0 ? 0 : defined(gradient[entry]) * defined(defined(feeds.code).data[entry]);
      expect(Math.abs(sum), `node ${node}`).toBeLessThan(1e-4);
    }
  });
});

describe('parameters', () => {
  it('are as many as in the released definitions', () => {
    const [evaluation] = cases;
    const names = evaluation?.step.state.parameters.map(({ name }) => name);
    expect(names).toEqual([
      'encoder.weight',
      'rnns.0._W0',
      ...Array.from({ length: 8 }, (_, node) => `rnns.0._Ws.${node}`),
      'decoder.bias',
    ]);
  });
});
