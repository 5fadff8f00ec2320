// `genonnx rank`: how well a supernet orders the networks that it holds, by a table of what they came to when they were trained.
import type { Command } from 'commander';
import { rank } from '../../library/rank.js';
import { readTable } from '../../library/tabulate.js';
import { withPaths } from '../../tasks/given.js';
import { requireSearched } from '../../tasks/tasks.js';
import { onInterrupt } from '../interrupt.js';
import { wholeNumber } from '../options.js';
import { table as columns, print, printJson, say } from '../output.js';
import { startProgress } from '../progress.js';
import { settingsOf } from '../run-settings.js';
import { addSettings, overridesOf } from '../settings.js';

const settings = settingsOf('search').filter(({ path }) => !['data', 'limit', 'seed'].includes(path));

interface RankOptions {
  readonly networks: number;
  readonly every: number;
  readonly seed: number;
  readonly json?: boolean;
}

export function registerRank(program: Command): void {
  const command = program
    .command('rank')
    .description(
      'compare what networks come to inside a supernet with what they came to when they were trained',
    )
    .argument('<table>', 'the file of a table, of genonnx tabulate')
    .option('--networks <n>', 'networks that are compared, drawn at random', wholeNumber('networks', 2), 60)
    .option('--every <n>', 'epochs from one comparison to the next', wholeNumber('every'), 1)
    .option('--seed <n>', 'seed of everything random', wholeNumber('seed', 0), 1);
  addSettings(command, settings)
    .option('--json', 'print the results as JSON')
    .addHelpText('after', '\nExamples:\n  genonnx rank docs/tables/one-cell.json --epochs 10 --every 2')
    .action(async (path: string, { networks, every, seed, json }: RankOptions) => {
      const table = await readTable(path);
      requireSearched(table.task);
      const explicit = overridesOf(command, settings);
      const interrupt = onInterrupt('Stopping; once more to stop at once.');
      const progress = startProgress('rank');
      try {
        const results = await rank({
          table,
          settings: withPaths({}, explicit),
          networks,
          every,
          seed,
          threads: 1,
          onNote: say,
          onProgress: (done, note) => progress.update(done, note),
          signal: interrupt.signal,
        });
        progress.end();
        if (json === true) return printJson(results);
        const tau = (value: number | null): string => value?.toFixed(3) ?? '-';
        print(
          columns([
            ['epoch', `tau, ${results.networks} networks`, `tau, best ${results.bestFifth}`],
            ...results.epochs.map(({ epoch, all, best }) => [String(epoch), tau(all), tau(best)]),
          ]),
        );
        print(
          `found ${results.derived}${results.regret === undefined ? '' : `, regret ${results.regret.toFixed(4)}`}`,
        );
      } finally {
        interrupt.dispose();
      }
    });
}
