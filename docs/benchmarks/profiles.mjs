// Where the time of steps goes, by the runtime's own profile: the rows of docs/performance.md's second table.
//
//   npm run build && node docs/benchmarks/profiles.mjs > docs/benchmarks/profiles.json
import { execFileSync } from 'node:child_process';
import process from 'node:process';

const rows = [
  [
    'child, 20 cells, C = 36',
    'bench train --genotype DARTS_V2 --cells 20 --channels 36 --batch 96 --auxiliary --runs 2',
  ],
  [
    'search, 4 cells, all',
    'bench step --cells 4 --channels 8 --batch 32 --image 28x28x1 --gates all --runs 9',
  ],
  [
    'search, 4 cells, node:4',
    'bench step --cells 4 --channels 8 --batch 32 --image 28x28x1 --gates node:4 --runs 9',
  ],
];

const taken = rows.flatMap(([name, command]) =>
  [1, 2].map((threads) => {
    const args = [
      'bin/genonnx.mjs',
      ...command.split(' '),
      '--threads',
      String(threads),
      '--profile',
      '--json',
    ];
    const { medianMs, nodes, operators } = JSON.parse(
      execFileSync(process.execPath, args, { encoding: 'utf8' }),
    );
    process.stderr.write(`${name}, ${threads}: ${medianMs.toFixed(0)} ms\n`);
    return {
      name,
      command,
      threads,
      medianMs,
      nodes,
      operators: operators.filter((part) => part.timeShare >= 0.005),
    };
  }),
);
process.stdout.write(`${JSON.stringify({ rows: taken }, null, 1)}\n`);
