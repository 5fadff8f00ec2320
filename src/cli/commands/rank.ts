// `genonnx rank`: how well a supernet orders the networks that it holds, by a table of what they came to when they were trained.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import type { Command } from 'commander';
import { rank } from '../../library/rank.js';
import { readTable } from '../../library/tabulate.js';
import { createRunFolder } from '../../runs/run-folder.js';
import type { RankResults } from '../../table/rank.js';
import { withPaths } from '../../tasks/given.js';
import { requireSearched } from '../../tasks/tasks.js';
import { interruptedExitCode, onInterrupt } from '../interrupt.js';
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
  readonly searches: number;
  readonly out?: string;
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
    .option('--seed <n>', 'seed of everything random', wholeNumber('seed', 0), 1)
    .option('--searches <n>', 'searches, with as many seeds from --seed on', wholeNumber('searches'), 1)
    .option('--out <folder>', 'where rank.json and report.html go: a new or empty folder');
  addSettings(command, settings)
    .option('--json', 'print the results as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  genonnx rank docs/tables/one-cell.json --epochs 10 --every 2 --searches 3 --out runs/rank',
    )
    .action(async (path: string, options: RankOptions) => {
      const { networks, every, seed, searches, out, json } = options;
      const table = await readTable(path);
      const task = requireSearched(table.task);
      const explicit = overridesOf(command, settings);
      const folder =
        out === undefined
          ? undefined
          : await createRunFolder(out, {
              kind: 'rank',
              table: table.name,
              networks,
              every,
              seed,
              searches,
              explicit,
            });
      const interrupt = onInterrupt('Stopping; once more to stop at once.');
      const progress = startProgress('rank');
      let isWhole = false;
      try {
        const results = await rank({
          table,
          settings: withPaths({}, explicit),
          networks,
          every,
          seeds: Array.from({ length: searches }, (_, index) => seed + index),
          threads: 1,
          onNote: say,
          onProgress: (done, note) => progress.update(done, note),
          signal: interrupt.signal,
        });
        progress.end();
        if (interrupt.stopped()) {
          say('Stopped. A rank report is made as a whole: nothing was kept.');
          process.exitCode = interruptedExitCode;
          return;
        }
        if (folder !== undefined) {
          const { renderRank } = await import('../../report/rank.js');
          await folder.writeJson('rank.json', results);
          await folder.write('report.html', renderRank(results, task));
          isWhole = true;
          say(`report: ${join(folder.path, 'report.html')}`);
        }
        if (json === true) printJson(results);
        else show(results);
      } finally {
        interrupt.dispose();
        await folder?.close();
        // The same command can be tried again.
        if (folder !== undefined && !isWhole) await rm(folder.path, { recursive: true, force: true });
      }
    });
}

/** A table of the epochs for each search, and what it found. */
function show({ searches, networks, bestFifth }: RankResults): void {
  const tau = (value: number | null): string => value?.toFixed(3) ?? '-';
  for (const { seed, epochs, derived, regret } of searches) {
    print(
      columns([
        ['seed', 'epoch', `tau, ${Object.keys(networks).length} networks`, `tau, best ${bestFifth}`],
        ...epochs.map(({ epoch, all, best }) => [String(seed), String(epoch), tau(all), tau(best)]),
      ]),
    );
    print(`found ${derived}${regret === undefined ? '' : `, regret ${regret.toFixed(4)}`}`);
  }
}
