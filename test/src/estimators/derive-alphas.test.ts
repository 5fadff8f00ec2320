import { describe, expect, it } from 'vitest';
import { printAlphasFile } from '../../../src/estimators/alphas-file.js';
import { parseAnyAlphas } from '../../../src/estimators/alphas-kinds.js';
import { derive } from '../../../src/estimators/derive-alphas.js';
import type { MethodName } from '../../../src/estimators/methods.js';
import { METHOD_TABLE } from '../../../src/estimators/methods.js';
import { openStream } from '../../../src/random.js';
import { DARTS_SPACE } from '../../../src/spaces/convolutional.js';
import { RECURRENT_SPACE } from '../../../src/spaces/recurrent.js';
import { entryCount, type SearchSpace } from '../../../src/spaces/search-space.js';

const rule = { samples: 3, scope: 'node', parameterisation: 'softmax' } as const;
const alphasOf = (space: SearchSpace): Float64Array => {
  const stream = openStream(5, 'alphas');
  return Float64Array.from({ length: entryCount(space) }, () => 9 * stream.uniform());
};
const saved = (space: SearchSpace, method: MethodName) =>
  parseAnyAlphas(printAlphasFile({ space, alphas: alphasOf(space), rule, method }));

describe('derive', () => {
  it.each([
    ['convolutional', DARTS_SPACE],
    ['recurrent', RECURRENT_SPACE],
  ] as [string, SearchSpace][])('takes %s alphas by the rule of the method that made them', (kind, space) => {
    for (const name of ['egs', 'darts', 'gdas'] as const) {
      const method = METHOD_TABLE[name];
      if (!method.learns) throw new Error(`${name} learns`);
      const options = { ...rule, normalise: 'none', route: 'all' } as const;
      const genotype = method.derive(alphasOf(space), space, options);
      expect(derive(saved(space, name))).toEqual({ kind, genotype });
    }
  });

  it('takes what is asked for before what the file says', () => {
    const file = saved(DARTS_SPACE, 'darts');
    expect(derive(file, { rule: 'data', samples: 1 })).toEqual(
      derive(saved(DARTS_SPACE, 'egs'), { samples: 1 }),
    );
    expect(derive(file, { rule: 'data' })).not.toEqual(derive(file));
    expect(derive(saved(DARTS_SPACE, 'egs'), { samples: 1 })).not.toEqual(derive(saved(DARTS_SPACE, 'egs')));
  });

  it.each([['darts', { samples: 2 }] as const, ['gdas', { scope: 'edge' }] as const])(
    'refuses what the rule %s does not know',
    (by, option) => {
      expect(() => derive(saved(DARTS_SPACE, 'egs'), { rule: by, ...option })).toThrow(
        `\`${Object.keys(option)[0]}\` means nothing to this rule`,
      );
    },
  );
});
