import { describe, expect, it } from 'vitest';
import { deriveGenotype } from '../../../src/estimators/derive.js';
import { deriveByStrongestEdges, deriveByStrongestOperations } from '../../../src/estimators/derive-darts.js';
import { ensembleGumbelSoftmax } from '../../../src/estimators/egs.js';
import { entryGroups, operationMask } from '../../../src/estimators/groups.js';
import {
  METHOD_TABLE,
  METHODS,
  type Method,
  type MethodName,
  requireTaken,
  resolveOptions,
  routeOf,
} from '../../../src/estimators/methods.js';
import { sampleGenotype } from '../../../src/estimators/random.js';
import { skipsDominate } from '../../../src/estimators/skip-dominance.js';
import { temperatureAt } from '../../../src/estimators/temperature.js';
import { openStream } from '../../../src/random.js';
import { codeOfGenotype } from '../../../src/spaces/code.js';
import { DARTS_SPACE } from '../../../src/spaces/convolutional.js';
import { entryCount } from '../../../src/spaces/search-space.js';
import { randomValues } from './values.js';

const SIZE = entryCount(DARTS_SPACE);
const OPERATIONS = operationMask(DARTS_SPACE);
const PHASES = ['architecture', 'weights', 'joint'] as const;
const ALPHAS = randomValues(1, SIZE, 0, 1.5);

const estimatorOf = (name: MethodName, phase: (typeof PHASES)[number]) =>
  METHOD_TABLE[name].create(DARTS_SPACE, phase, resolveOptions(name));

/** The genotype of a method that learns. */
function derived(name: MethodName, alphas: Float64Array) {
  const method = METHOD_TABLE[name];
  return method.learns ? method.derive(alphas, DARTS_SPACE, resolveOptions(name)) : undefined;
}

describe.each(METHODS)('the method %s', (name) => {
  for (const phase of PHASES) {
    it(`opens what the ${phase} step's program can run`, () => {
      const estimator = estimatorOf(name, phase);
      const stream = openStream(3, 'gumbel');
      for (let draw = 0; draw < 20; draw++) {
        const sample = estimator.sample(ALPHAS, stream, 1);
        const inCode = OPERATIONS.map((computes, entry) => (sample.code[entry] === 0 ? 0 : computes));
        // Whatever takes part learns; what runs besides, runs for its own derivative.
        expect(sample.backwardGates).toEqual(inCode);
        sample.backwardGates.forEach((open, entry) => {
          expect(sample.forwardGates[entry]).toBeGreaterThanOrEqual(open);
          expect(sample.forwardGates[entry]).toBeLessThanOrEqual(OPERATIONS[entry]!);
        });
        if (routeOf(phase, resolveOptions(name)) === 'active') {
          expect(sample.forwardGates).toEqual(sample.backwardGates);
        }
      }
    });

    it(`never reads the gradient of an entry that did not run in the ${phase} step`, () => {
      const sample = estimatorOf(name, phase).sample(ALPHAS, openStream(4, 'gumbel'), 1);
      const gradient = randomValues(5, SIZE, 0, 1);
      const unknown = gradient.map((g, entry) => (sample.forwardGates[entry] === 1 ? g : Number.NaN));
      const pulled = sample.pullback(gradient);
      expect(sample.pullback(unknown)).toEqual(pulled);
      expect(pulled.some((g) => g !== 0)).toBe(METHOD_TABLE[name].learns);
    });
  }

  it('moves the stream by the same count whatever the alphas', () => {
    const position = (alphas: Float64Array): number => {
      const stream = openStream(1, 'gumbel');
      estimatorOf(name, 'architecture').sample(alphas, stream, 1);
      return stream.state().count;
    };
    expect(position(ALPHAS)).toBe(position(ALPHAS.map((a) => 20 * a)));
  });

  it('refuses alphas and gradients of another space', () => {
    const estimator = estimatorOf(name, 'architecture');
    const stream = openStream(1, 'gumbel');
    expect(() => estimator.sample(new Float64Array(3), stream, 1)).toThrow(/alphas do not fit/);
    const sample = estimator.sample(ALPHAS, stream, 1);
    expect(() => sample.pullback(new Float64Array(3))).toThrow(/code gradients do not fit/);
  });

  it('refuses a temperature that makes no sense where it reads one, and alphas that are no numbers', () => {
    const { learns, readsTemperature } = METHOD_TABLE[name];
    const estimator = estimatorOf(name, 'joint');
    const at = (temperature: number) => () => estimator.sample(ALPHAS, openStream(1, 'gumbel'), temperature);
    if (readsTemperature) expect(at(0)).toThrow(/temperature is out of range/);
    else expect(at(0)().code).toEqual(at(1)().code);
    if (!learns) return;
    const broken = ALPHAS.with(5, Number.NaN);
    expect(() => estimator.sample(broken, openStream(1, 'gumbel'), 1)).toThrow(/not a finite number/);
  });

  it('derives a genotype of the space', () => {
    const method = METHOD_TABLE[name];
    const genotype =
      derived(name, ALPHAS) ??
      (method.learns ? undefined : method.draw(DARTS_SPACE, openStream(1, 'genotype')));
    expect(() => codeOfGenotype(genotype!, DARTS_SPACE)).not.toThrow();
    if (method.keepsFixedNumber) {
      expect(genotype!.normal.nodes.map(({ length }) => length)).toEqual([2, 2, 2, 2]);
      expect(() => skipsDominate(genotype!, DARTS_SPACE)).not.toThrow();
    }
  });

  it('says what it is, where it is from, and settings that a search can run with', () => {
    const { description, source, settingsSource, settings } = METHOD_TABLE[name];
    for (const text of [description, source, settingsSource]) expect(text.length).toBeGreaterThan(20);
    expect(source).toMatch(/20\d\d$/);
    expect(temperatureAt(settings.temperature, 0)).toBe(settings.temperature.from);
    expect(settings.temperature.to).toBeGreaterThan(0);
  });
});

describe('the table of methods', () => {
  it('derives by the rule of each', () => {
    expect(derived('darts', ALPHAS)).toEqual(deriveByStrongestEdges(ALPHAS, DARTS_SPACE, 'softmax'));
    expect(derived('darts-2nd', ALPHAS)).toEqual(derived('darts', ALPHAS));
    expect(derived('gdas', ALPHAS)).toEqual(deriveByStrongestOperations(ALPHAS, DARTS_SPACE, 'softmax'));
    expect(derived('egs', ALPHAS)).toEqual(
      deriveGenotype(ALPHAS, DARTS_SPACE, { samples: 4, scope: 'node', parameterisation: 'softmax' }),
    );
    // SNAS: the largest alpha of each edge, none dropped.
    const expected = new Float64Array(SIZE);
    for (const { start, end } of entryGroups(DARTS_SPACE, 'edge')) {
      const edge = ALPHAS.subarray(start, end);
      expected[start + edge.indexOf(Math.max(...edge))] = 1;
    }
    const snas = codeOfGenotype(derived('snas', ALPHAS)!, DARTS_SPACE);
    expect(snas).toEqual(expected.map((value, entry) => value * OPERATIONS[entry]!));
    expect(derived('random', ALPHAS)).toBeUndefined();
  });

  it('draws random genotypes of two edges a node', () => {
    const { random } = METHOD_TABLE;
    const drawn = random.learns ? undefined : random.draw(DARTS_SPACE, openStream(1, 'genotype'));
    expect(drawn).toEqual(sampleGenotype(DARTS_SPACE, openStream(1, 'genotype')));
  });

  it('runs all operations of EGS in the architecture and joint steps, and those of the code in the weight step', () => {
    const options = resolveOptions('egs', { samples: 2 });
    const forward = (phase: (typeof PHASES)[number]) =>
      METHOD_TABLE.egs.create(DARTS_SPACE, phase, options).sample(ALPHAS, openStream(1, 'gumbel'), 1)
        .forwardGates;
    expect(forward('architecture')).toEqual(OPERATIONS);
    expect(forward('joint')).toEqual(OPERATIONS);
    expect(forward('weights').filter((open) => open === 1).length).toBeLessThanOrEqual(16);
    expect(PHASES.map((phase) => routeOf(phase, options))).toEqual(['all', 'active', 'all']);
    expect(routeOf('architecture', resolveOptions('egs', { route: 'active' }))).toBe('active');
  });

  it('knows that GDAS is EGS with one sample an edge and only active operations', () => {
    const gdas = estimatorOf('gdas', 'architecture').sample(ALPHAS, openStream(1, 'gumbel'), 2);
    const egs = METHOD_TABLE.egs
      .create(
        DARTS_SPACE,
        'architecture',
        resolveOptions('egs', { samples: 1, scope: 'edge', route: 'active' }),
      )
      .sample(ALPHAS, openStream(1, 'gumbel'), 2);
    const gradient = randomValues(5, SIZE, 0, 1);
    expect(gdas.code).toEqual(egs.code);
    expect(gdas.pullback(gradient)).toEqual(egs.pullback(gradient));
  });

  it('passes the options of a method on to its estimator', () => {
    const options = {
      samples: 3,
      scope: 'edge',
      parameterisation: 'relu',
      normalise: 'sum',
      route: 'active',
    } as const;
    expect(resolveOptions('egs', options)).toEqual(options);
    const alphas = ALPHAS.map((a) => a + 2);
    const drawn = METHOD_TABLE.egs
      .create(DARTS_SPACE, 'joint', options)
      .sample(alphas, openStream(1, 'gumbel'), 1);
    expect(drawn.code).toEqual(
      ensembleGumbelSoftmax(DARTS_SPACE, options).sample(alphas, openStream(1, 'gumbel'), 1).code,
    );
    for (const name of ['gdas', 'snas', 'darts'] as const) {
      // An alpha of zero has probability zero under relu only.
      const sample = METHOD_TABLE[name]
        .create(DARTS_SPACE, 'joint', resolveOptions(name, { parameterisation: 'relu' }))
        .sample(
          new Float64Array(SIZE).map((_, entry) => (entry % 8 === 3 ? 1 : 0)),
          openStream(1, 'gumbel'),
          1,
        );
      expect([...sample.code]).toEqual(Array.from({ length: SIZE }, (_, i) => (i % 8 === 3 ? 1 : 0)));
    }
  });

  it('ignores options that a method does not take where a configuration has them all, and refuses them by name', () => {
    expect(resolveOptions('darts', { samples: 7, scope: 'node', parameterisation: 'relu' })).toEqual({
      samples: 1,
      scope: 'edge',
      parameterisation: 'relu',
      normalise: 'none',
      route: 'active',
    });
    expect(() => requireTaken('egs', { samples: 7, scope: 'edge' })).not.toThrow();
    expect(() => requireTaken('darts', { parameterisation: 'relu' })).not.toThrow();
    expect(() => requireTaken('darts', { samples: 7 })).toThrow(/darts does not take `samples`/);
    expect(() => requireTaken('random', { parameterisation: 'relu' })).toThrow(/random has none/);
  });

  it('has the settings of the papers', () => {
    const rates = METHODS.map((name) => [
      name,
      METHOD_TABLE[name].settings.alphas.weightDecay,
      METHOD_TABLE[name].settings.temperature.from,
      METHOD_TABLE[name].settings.temperature.to,
      METHOD_TABLE[name].settings.mode,
    ]);
    expect(rates).toEqual([
      ['egs', 0, 5, 1, 'alternating'],
      ['gdas', 1e-3, 10, 0.1, 'alternating'],
      ['snas', 1e-3, 1, 0.03, 'joint'],
      ['darts', 1e-3, 1, 1, 'alternating'],
      ['darts-2nd', 1e-3, 1, 1, 'alternating'],
      ['proxyless', 0, 1, 1, 'alternating'],
      ['random', 1e-3, 1, 1, 'joint'],
    ]);
    const named = (is: (method: Method) => boolean) => METHODS.filter((name) => is(METHOD_TABLE[name]));
    expect(named(({ secondOrder }) => secondOrder)).toEqual(['darts-2nd']);
    expect(named(({ keepsFixedNumber }) => keepsFixedNumber)).toEqual([
      'gdas',
      'darts',
      'darts-2nd',
      'random',
    ]);
    expect(named(({ readsTemperature }) => readsTemperature)).toEqual(['egs', 'gdas', 'snas']);
    expect(named(({ learns }) => !learns)).toEqual(['random']);
  });
});
