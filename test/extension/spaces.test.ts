// Spaces that the package knows nothing of go through everything that works on spaces: they are sampled by every method, pulled
// back, penalised, derived, drawn at random, coded, printed, parsed, kept in files, and drawn.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cellToDot, toDot } from '../../exporters/dot.js';
import { toSvg } from '../../exporters/svg.js';
import { decodeSafetensors, encodeSafetensors } from '../../graphs/safetensors.js';
import { alphasFromTensors, parseAlphasFile, printAlphasFile } from '../../src/estimators/alphas-file.js';
import { deriveGenotype } from '../../src/estimators/derive.js';
import { deriveByStrongestEdges, deriveByStrongestOperations } from '../../src/estimators/derive-darts.js';
import { operationMask } from '../../src/estimators/groups.js';
import { initialAlphas } from '../../src/estimators/initial-alphas.js';
import { METHOD_TABLE, METHODS, resolveOptions } from '../../src/estimators/methods.js';
import { sampleGenotype } from '../../src/estimators/random.js';
import { budgetPenalty, expectedOperations, meanEntropy } from '../../src/estimators/regularisers.js';
import { skipsDominate } from '../../src/estimators/skip-dominance.js';
import { openStream } from '../../src/random.js';
import { codeOfGenotype } from '../../src/spaces/code.js';
import { countSkips } from '../../src/spaces/describe.js';
import { parseGenotypeOf } from '../../src/spaces/parse.js';
import { printGenotypeOf, toJson } from '../../src/spaces/print.js';
import {
  cellEntryCount,
  edgeCount,
  entryCount,
  mapPerCellType,
  perSection,
  type SearchSpace,
  sections,
} from '../../src/spaces/search-space.js';
import { randomValues, slopes } from '../src/estimators/values.js';
import { genotypesOf } from '../src/spaces/arbitrary.js';
import { CHAIN, HOURGLASS } from './spaces.js';

const SPACES: readonly (readonly [string, SearchSpace])[] = [
  ['one cell type', CHAIN],
  ['three cell types', HOURGLASS],
];

it('have the sizes that they say', () => {
  expect(CHAIN.cellTypes.map(cellEntryCount)).toEqual([(1 + 2 + 3 + 4) * 5]);
  expect(HOURGLASS.cellTypes.map(cellEntryCount)).toEqual([(2 + 3 + 4) * 4, 1 * 2, (3 + 4) * 3]);
  expect(sections(HOURGLASS).map(({ start, end }) => [start, end])).toEqual([
    [0, 36],
    [36, 38],
    [38, 59],
  ]);
});

describe.each(SPACES)('a space of %s', (_, space) => {
  const size = entryCount(space);
  const operations = operationMask(space);
  const alphas = randomValues(3, size, 0, 1);

  it.each(METHODS)('is sampled and pulled back by %s, and derived from', (name) => {
    const method = METHOD_TABLE[name];
    const options = resolveOptions(name);
    for (const phase of ['architecture', 'weights', 'joint'] as const) {
      const sample = method.create(space, phase, options).sample(alphas, openStream(1, 'gumbel'), 2);
      expect(sample.code).toHaveLength(size);
      sample.backwardGates.forEach((open, entry) => {
        expect(open).toBe(sample.code[entry] === 0 ? 0 : operations[entry]);
        expect(sample.forwardGates[entry]).toBeGreaterThanOrEqual(open);
      });
      const gradient = sample.pullback(randomValues(4, size, 0, 1));
      expect(gradient.every(Number.isFinite)).toBe(true);
      expect(gradient.some((g) => g !== 0)).toBe(method.learns);
    }
    const genotype = method.learns
      ? method.derive(alphas, space, options)
      : method.draw(space, openStream(1, 'genotype'));
    expect(codeOfGenotype(genotype, space).filter((entry) => entry === 1)).toHaveLength(
      Object.values(genotype).flatMap(({ nodes }) => nodes.flat()).length,
    );
    if (!method.keepsFixedNumber) return;
    for (const { name: cell, inputs, nodes, derivation } of space.cellTypes) {
      const most = name === 'gdas' ? derivation.kept : undefined;
      expect(genotype[cell]?.nodes.map(({ length }) => length)).toEqual(
        Array.from({ length: nodes }, (_node, node) => most ?? Math.min(derivation.kept, inputs + node)),
      );
    }
  });

  it('starts from alphas of its size, and is penalised with the right slopes', () => {
    expect(initialAlphas(space, 'softmax', openStream(1, 'alphas'))).toHaveLength(size);
    const distribution = { scope: 'node', parameterisation: 'softmax', samples: 3 } as const;
    const costs = randomValues(5, size, 4, 1).map((cost, entry) => cost * operations[entry]!);
    const budget = { costs, fixed: 1, budget: 10 };
    const terms = [
      (at: Float64Array) => meanEntropy(at, space, distribution),
      (at: Float64Array) => expectedOperations(at, space, distribution),
      (at: Float64Array) => budgetPenalty(at, space, distribution, budget),
    ];
    for (const term of terms) {
      const { gradient } = term(alphas);
      const wanted = slopes((at) => term(at).value, alphas);
      expect([...gradient]).toEqual([...wanted].map((slope) => expect.closeTo(slope, 5)));
      expect(Math.max(...gradient.map(Math.abs))).toBeGreaterThan(1e-4);
    }
  });

  it('has genotypes that are printed and parsed, as Python and as JSON, and coded', () => {
    fc.assert(
      fc.property(genotypesOf(space), (genotype) => {
        const text = printGenotypeOf(space, genotype, 'FOUND');
        expect(parseGenotypeOf(space, text)).toEqual(genotype);
        expect(parseGenotypeOf(space, text, { name: 'FOUND' })).toEqual(genotype);
        expect(parseGenotypeOf(space, JSON.stringify(toJson(genotype)))).toEqual(genotype);
        expect(Object.keys(parseGenotypeOf(space, text))).toEqual(space.cellTypes.map(({ name }) => name));
      }),
      { numRuns: 60 },
    );
    const genotype = sampleGenotype(space, openStream(2, 'genotype'));
    const code = codeOfGenotype(genotype, space);
    expect(code).toHaveLength(size);
    // A genotype whose operations have nearly all of the probability is derived again, by every rule.
    const planted = code.map((entry) => 9 * entry);
    expect(deriveByStrongestOperations(planted, space, 'softmax')).toEqual(genotype);
    expect(deriveByStrongestEdges(planted, space, 'softmax')).toEqual(genotype);
    const rule = { samples: 9, scope: 'node', parameterisation: 'relu' } as const;
    expect(deriveGenotype(planted, space, rule)).toEqual(genotype);
  });

  it('has alphas files, as JSON and as safetensors', () => {
    const rule = { samples: 5, scope: 'edge', parameterisation: 'relu' } as const;
    const file = { space, alphas, rule, method: 'egs' } as const;
    expect(parseAlphasFile(space, printAlphasFile(file))).toEqual(file);
    const open = { ...space, cellTypes: space.cellTypes.map(({ nodes: _nodes, ...form }) => form) };
    expect(parseAlphasFile(open, printAlphasFile(file))).toEqual(file);

    const tensors = perSection(space, ({ cellType, start, end }) => ({
      dtype: 'F64' as const,
      shape: [edgeCount(cellType), cellType.primitives.length],
      data: alphas.slice(start, end),
    }));
    const named = Object.entries(tensors).map(([name, tensor]) => [`alphas_${name}`, tensor] as const);
    const metadata = [['samples', '5'] as const, ['scope', 'edge'] as const, ['method', 'egs'] as const];
    const bytes = encodeSafetensors([...named], [...metadata, ['parameterisation', 'relu']]);
    expect(alphasFromTensors(space, decodeSafetensors(bytes, 'a'))).toEqual(file);
  });

  it('has cells that are drawn with all of their inputs', async () => {
    const genotype = sampleGenotype(space, openStream(4, 'genotype'));
    const inputsOf = new Map(space.cellTypes.map(({ name, inputs }) => [name, inputs]));
    const drawn = mapPerCellType(genotype, (cell, name) => ({ ...cell, inputs: inputsOf.get(name) ?? 0 }));
    expect(toDot(drawn).map(({ path }) => path)).toEqual(space.cellTypes.map(({ name }) => `${name}.dot`));
    for (const { name, inputs, nodes } of space.cellTypes) {
      const dot = cellToDot(drawn[name]!);
      expect(dot.match(/class=input/g)).toHaveLength(inputs);
      expect(dot.match(/class=intermediate/g)).toHaveLength(nodes);
      expect(dot).toContain(`s${inputs + nodes - 1} -> out`);
    }
    const svg = await toSvg(drawn);
    expect(svg.every(({ content }) => String(content).includes('</svg>'))).toBe(true);
  });
});

describe('the one cell type', () => {
  it('is printed flat with one operation a node', () => {
    const words = ['tanh', 'relu', 'identity', 'identity'] as const;
    const nodes = words.map((primitive, input) => [{ primitive, input }]);
    const genotype = { chain: { nodes, concat: [1, 2, 3, 4] } };
    const text =
      "Genotype(chain=[('tanh', 0), ('relu', 1), ('identity', 2), ('identity', 3)], chain_concat=[1, 2, 3, 4])";
    expect(printGenotypeOf(CHAIN, genotype)).toBe(text);
    expect(parseGenotypeOf(CHAIN, text.replace('[1, 2, 3, 4]', 'range(1, 5)'))).toEqual(genotype);
    expect(countSkips(genotype, CHAIN)).toEqual({ chain: 2 });
    expect(skipsDominate(genotype, CHAIN)).toBe(true);
  });

  it.each([
    ["Genotype(chain=[('gelu', 0)], chain_concat=[1])", /no primitive "gelu"/],
    ["Genotype(chain=[('relu', 1)], chain_concat=[1])", /Node 0 \(state 1\) cannot read state 1/],
    ["Genotype(chain=[('relu', 0)], chain_concat=[0])", /intermediate nodes only, states 1 to 1/],
    ["Genotype(chain=[('relu', 0)])", /Add chain_concat/],
    ["Genotype(normal=[('relu', 0)])", /Only chain genotypes, of the cells chain, are read/],
  ])('refuses %s in its own words', (text, message) => {
    expect(() => parseGenotypeOf(CHAIN, text)).toThrow(message);
  });

  it('refuses alphas of another number of nodes', () => {
    const rows = [[0, 0, 0, 0, 0]];
    expect(() => parseAlphasFile(CHAIN, JSON.stringify({ chain: rows }))).toThrow(
      /chain\n.*a row an edge: 10/,
    );
  });
});

describe('the three cell types', () => {
  it('keep lists of primitives of their own in an alphas file', () => {
    const text = printAlphasFile({ space: HOURGLASS, alphas: new Float64Array(59), rule: {} });
    expect(JSON.parse(text).primitives).toEqual({
      encoder: ['none', 'pool', 'conv', 'skip'],
      bottleneck: ['conv', 'dilated'],
      decoder: ['upsample', 'none', 'conv'],
    });
    expect(() => parseAlphasFile(HOURGLASS, text.replace('"dilated"', '"upsample"'))).toThrow(
      /primitives\.1\n.*conv, dilated/,
    );
  });
});
