import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { taskSettings } from '../../../src/cli/run-settings.js';
import { GenonnxError } from '../../../src/errors.js';
import { didYouMean } from '../../../src/nearest-name.js';
import { argumentsOf, type ChildOptions } from '../../../src/study/child-settings.js';
import { parseStudy } from '../../../src/study/study-file.js';

// With and without a choice of methods, whatever the search command has at the moment.
const withoutMethods: ChildOptions = {
  search: taskSettings.classification.search.filter(({ path }) => path !== 'method'),
  train: taskSettings.classification.train,
};
const methods = ['egs', 'darts'];
const options: ChildOptions = {
  ...withoutMethods,
  search: [
    ...withoutMethods.search,
    {
      flags: '--method <name>',
      path: 'method',
      parse: (text) => {
        if (methods.includes(text)) return text;
        throw new GenonnxError('usage', 'Unknown.', {
          expected: methods.join(', '),
          cure: didYouMean(text, methods, 'Choose one.'),
        });
      },
    },
  ],
};

const valid = `name: Small
data: fashion-mnist
limit: 500
seeds: [1, 2]
methods:
  - {name: DATA M=4, method: egs, samples: 4}
  - method: darts
    alphas.learningRate: 0.1
    temperature: {start: 2, end: 0.5}
  - {name: matched, method: random, match: parameters}
  - {name: sized, method: random, kind: codes, operations: [1, 3], match: {parameters: 20000, draws: 50}}
search:
  epochs: 3
  no-such: 1
train:
  lr: 0.1
  flip: false
`;
const study = valid.replace('  no-such: 1\n', '');

/** What the message says for a file in which `from` is written as `to`. */
function refusal(from: string, to: string, known = options): string {
  expect(study).toContain(from);
  try {
    parseStudy(study.replace(from, to), 'study.yaml', () => known);
  } catch (error) {
    if (error instanceof GenonnxError && error.code === 'usage') return error.message;
    throw error;
  }
  throw new Error('It was taken.');
}

describe('parseStudy', () => {
  it('resolves names, paths, nesting and defaults', () => {
    const parsed = parseStudy(study, 'study.yaml', () => options);
    expect(parsed).toEqual({
      name: 'Small',
      task: 'classification',
      data: 'fashion-mnist',
      limit: 500,
      preset: 'small',
      seeds: [1, 2],
      jobs: 'auto',
      threads: 1,
      methods: [
        { name: 'DATA M=4', method: 'egs', settings: { method: 'egs', samples: 4 } },
        {
          name: 'darts',
          method: 'darts',
          settings: {
            method: 'darts',
            'alphas.learningRate': 0.1,
            'temperature.start': 2,
            'temperature.end': 0.5,
          },
        },
        {
          name: 'matched',
          method: 'random',
          settings: {},
          random: {
            kind: 'edges',
            operations: [2, 2],
            match: { target: 'DATA M=4', tolerance: 0.1, draws: 1000 },
          },
        },
        {
          name: 'sized',
          method: 'random',
          settings: {},
          random: {
            kind: 'codes',
            operations: [1, 3],
            match: { target: 20000, tolerance: 0.1, draws: 50 },
          },
        },
      ],
      search: { epochs: 3 },
      train: { 'weights.learningRate': 0.1, flip: false },
    });
    expect(argumentsOf(options.train, parsed.train)).toEqual(['--lr', '0.1', '--no-flip']);
    expect(argumentsOf(options.search, parsed.methods[1]!.settings)).toEqual(
      '--method darts --alpha-lr 0.1 --temperature-start 2 --temperature-end 0.5'.split(' '),
    );
  });

  it('takes the study of the documentation with the settings that the commands have', () => {
    const file = 'docs/studies/small.yaml';
    const small = parseStudy(readFileSync(file, 'utf8'), file, (task) => taskSettings[task]);
    expect(small.methods.map(({ method }) => method)).toEqual([
      'egs',
      'egs',
      'egs',
      'darts',
      'snas',
      'gdas',
      'random',
    ]);
    expect(small.seeds).toHaveLength(3);
  });

  it('names line and key of what it does not know', () => {
    expect(() => parseStudy(valid, 'study.yaml', () => options)).toThrow(/study\.yaml:14, search\.no-such/);
    expect(refusal('limit: 500', 'limt: 500')).toMatch(/study\.yaml:3, limt[\s\S]*Did you mean limit\?/);
    expect(refusal('samples: 4', 'sample: 4')).toMatch(
      /study\.yaml:6, methods\.0\.sample[\s\S]*Did you mean samples\?/,
    );
    expect(refusal('start: 2', 'strat: 2')).toMatch(
      /study\.yaml:9, methods\.1\.temperature\.strat[\s\S]*Did you mean temperature\.start\?/,
    );
    expect(refusal('  lr: 0.1', '  alpha-lr: 0.1')).toMatch(
      /train\.alpha-lr[\s\S]*docs\/studies\/small\.yaml/,
    );
  });

  it('names line and key of a value that cannot be', () => {
    expect(refusal('seeds: [1, 2]', 'seeds: [1, 1]')).toMatch(/study\.yaml:4, seeds\.1/);
    expect(refusal('seeds: [1, 2]', 'seeds: []')).toMatch(/study\.yaml:4, seeds/);
    expect(refusal('samples: 4', 'samples: many')).toMatch(/study\.yaml:6[\s\S]*at least 1[\s\S]*many/);
    expect(refusal('flip: false', 'flip: true')).toMatch(/study\.yaml:16, train\.flip[\s\S]*switched off/);
    expect(refusal('epochs: 3', 'epochs: [3]')).toMatch(/study\.yaml:13, search\.epochs[\s\S]*a number/);
    expect(refusal('method: darts', 'method: drats')).toMatch(
      /study\.yaml:7[\s\S]*egs, darts[\s\S]*drats[\s\S]*Did you mean darts\?/,
    );
    expect(refusal('limit: 500', 'preset: smal')).toMatch(/study\.yaml:3, preset[\s\S]*Did you mean small\?/);
    expect(refusal('match: parameters', 'match: {parameters: sized}')).toContain('DATA M=4, darts');
    expect(refusal('match: parameters', 'match: {parameters: data m=4}')).toContain('Did you mean DATA M=4?');
    expect(refusal('operations: [1, 3]', 'operations: [3, 1]')).toContain('methods.3.operations');
    expect(refusal('name: matched, ', 'name: darts, ')).toContain('two of darts');
    expect(refusal('  lr: 0.1', '  lr: 0.1\n  weights.learningRate: 0.2')).toContain('each setting once');
  });

  it('keeps the budget and the data alike for all methods', () => {
    expect(refusal('samples: 4', 'epochs: 4')).toMatch(/methods\.0\.epochs[\s\S]*one budget/);
    expect(refusal('epochs: 3', 'seed: 3')).toMatch(/search\.seed[\s\S]*top of the study/);
    expect(refusal('limit: 500', 'search-seconds: 9')).toContain('seconds or of epochs');
    expect(refusal('limit: 500', 'preset: tiny')).toMatch(
      /study\.yaml:3, preset[\s\S]*cifar, small[\s\S]*tiny/,
    );
    expect(refusal('limit: 500', 'task: chess')).toContain('study.yaml:3, task');
    expect(refusal('match: parameters', 'samples: 4')).toContain('random searches nothing');
    expect(refusal('samples: 4', 'match: parameters')).toContain('only with method: random');
  });

  it('refuses recipes of what is not there, and without trainings', () => {
    const head = 'name: a\ndata: fashion-mnist\nseeds: [1]\nmethods: [{method: egs}]\n';
    const parse = (rest: string) => () => parseStudy(head + rest, 'study.yaml', () => options);
    expect(parse('recipes: {long: {epoch: 3}}')).toThrow(/study\.yaml:5, recipes\.long\.epoch[\s\S]*epochs/);
    expect(parse('recipes: {long: {seed: 3}}')).toThrow(/at the top of the study/);
    expect(parse('train: false\nrecipes: {long: {epochs: 3}}')).toThrow(/train: false/);
  });

  it('takes known genotypes, rules of derivation, and searches apart from their trainings', () => {
    const text = `name: Known
data: fashion-mnist
seeds: [1]
search-seed: 7
search-data: other
search-preset: cifar
methods:
  - {name: published, genotype: DARTS_V2}
  - {name: two of each, method: darts, derive: {rule: darts, operations: 2}}
train: false
`;
    const parse = (content: string) => parseStudy(content, 'study.yaml', () => options);
    const parsed = parse(text);
    expect(parsed).toMatchObject({
      searchSeed: 7,
      searchData: 'other',
      searchPreset: 'cifar',
      children: false,
    });
    const [published, derived] = parsed.methods;
    expect(published).toMatchObject({ method: 'known', settings: {} });
    expect(published?.genotype).toContain('sep_conv_3x3');
    expect(derived?.derive).toEqual({ rule: 'darts', operations: 2 });
    const refused = (from: string, to: string): string => {
      try {
        parse(text.replace(from, to));
      } catch (error) {
        return error instanceof Error ? error.message : '';
      }
      throw new Error('It was taken.');
    };
    expect(refused('DARTS_V2', 'DARTS_V3')).toMatch(/study\.yaml:8, methods\.0\.genotype/);
    expect(refused('DARTS_V2', 'DARTS_V2_RNN')).toContain('methods.0.genotype');
    expect(refused('genotype: DARTS_V2', 'genotype: DARTS_V2, samples: 4')).toContain('methods.0.samples');
    expect(refused('name: published, genotype: DARTS_V2', 'name: nothing')).toContain('a genotype');
    expect(refused('rule: darts', 'rule: data')).toContain('derive.operations');
    expect(refused('search-preset: cifar', 'search-preset: imagenet')).toContain('search-preset');
  });

  it('says where YAML ends', () => {
    expect(refusal('seeds: [1, 2]', 'seeds: [1, 2')).toMatch(/study\.yaml:\d+:\d+\n[\s\S]*YAML/);
    expect(refusal('limit: 500', 'data: twice')).toContain('study.yaml:3');
    expect(refusal('limit: 500', 'limit: *nothing')).toContain('YAML');
    expect(() => parseStudy('', 'empty.yaml', () => options)).toThrow(/empty\.yaml:1/);
  });

  it('knows egs and random where search has no choice of methods', () => {
    const egsOnly = study.replace('method: darts', 'method: egs\n    name: darts');
    const parsed = parseStudy(egsOnly, 'study.yaml', () => withoutMethods);
    expect(parsed.methods[0]!.settings).toEqual({ samples: 4 });
    expect(refusal('limit: 500', 'limit: 500', withoutMethods)).toContain('egs or random');
  });
});
