// `genonnx tabulate`: every network of a small space trained, so that the choice of a method can be looked up.
import { join } from 'node:path';
import process from 'node:process';
import type { Command } from 'commander';
import { GenonnxError } from '../../errors.js';
import { tabulate } from '../../library/tabulate.js';
import { isTablePart, tabulatePart } from '../../library/tabulate-part.js';
import { benchmarkOf } from '../../table/benchmark.js';
import { type Declaration, declarationSchema } from '../../table/declaration.js';
import { agreementOfSeeds } from '../../table/facts.js';
import { tableFiles } from '../../table/folder.js';
import { parsePart } from '../../table/part.js';
import { isNetwork, type Table, tableJsonSchema } from '../../table/table-file.js';
import { tasks } from '../../tasks/tasks.js';
import { interruptedExitCode, onInterrupt } from '../interrupt.js';
import { liveOption, whileLive } from '../live-option.js';
import { wholeNumber } from '../options.js';
import { list, print, printJson, say } from '../output.js';
import { startProgress } from '../progress.js';
import { addQueueOptions, type QueueFlags, queueOf, servedAt, studyIn } from '../queue-options.js';
import { taskSettings } from '../run-settings.js';
import { required } from './search.js';

interface TabulateOptions extends QueueFlags {
  readonly out?: string;
  readonly resume?: string;
  readonly jobs?: number;
  readonly from?: string;
  readonly limitCells?: number;
  readonly latency?: boolean;
  readonly live?: boolean;
  readonly schema?: boolean;
  readonly serve?: ReturnType<typeof servedAt>;
  readonly declaration?: string;
  readonly rows?: string;
}

export function registerTabulate(program: Command): void {
  const command = program
    .command('tabulate')
    .description(
      'train every network of a small space, as a file declares it, so that choices can be looked up',
    )
    .argument('[file]', 'the declaration (YAML)')
    .option('--out <folder>', 'where everything goes; a table that was stopped there is continued')
    .option('--resume <folder>', 'continue the table in this folder')
    .option(
      '--jobs <n>',
      'trainings side by side (default: as many as there are cores for)',
      wholeNumber('jobs'),
    )
    .option('--from <table>', 'take the trainings over that the file of a table holds, into a new folder')
    .option('--limit-cells <n>', 'train n networks alone, drawn at random', wholeNumber('limit-cells'))
    .option(
      '--latency',
      'measure the latency of every network behind the trainings, on a machine that does nothing else',
    )
    .option(...liveOption)
    .option('--schema', 'print the JSON schema of table.json');
  addQueueOptions(command)
    .option('--serve <port>', 'answer workers that do not share the store, on this port', servedAt)
    .option('--declaration <json>', 'for workers: the declaration itself, instead of a file')
    .option('--rows <list>', 'for workers: train these alone, SEED:NETWORK,...')
    .addHelpText(
      'after',
      `
Examples:
  genonnx tabulate docs/tables/one-cell.yaml --out runs/table
  genonnx tabulate docs/tables/one-cell.yaml --out runs/sample --limit-cells 40
  genonnx tabulate docs/tables/one-cell.yaml --out runs/table --from docs/tables/one-cell.json
  genonnx tabulate docs/tables/one-cell.yaml --queue redis://host:6379 --store /mnt/runs
  genonnx tabulate --resume runs/table`,
    )
    .action(showTable);
}

async function showTable(file: string | undefined, options: TabulateOptions): Promise<void> {
  const { out, resume, jobs, from, limitCells, latency, schema, serve, live } = options;
  if (schema === true) return printJson(tableJsonSchema());
  if (options.rows !== undefined || (resume !== undefined && (await isTablePart(resume))))
    return trainPart(options);
  const queue = queueOf(options);
  const folder = resume ?? required(out ?? (queue && file && studyIn(queue.store, file)));
  if (file === undefined && resume === undefined) {
    throw new GenonnxError('usage', 'A new table needs its declaration.', {
      expected: 'genonnx tabulate FILE.yaml --out FOLDER',
      cure: 'Name the file, or pass --resume FOLDER.',
    });
  }
  const interrupt = onInterrupt('Stopping; once more to stop at once.');
  const progress = startProgress('tabulate');
  try {
    const inTable = () =>
      tabulate({
        file,
        folder,
        jobs,
        queue: queue && { ...queue, serve },
        from,
        limitCells,
        latency,
        optionsOf: (task) => taskSettings[task].train,
        onNote: (text) => progress.line(`tabulate: ${text}`),
        onProgress: (done, note) => progress.update(done, note),
        signal: interrupt.signal,
      });
    const { place, table, failures } = await whileLive(live, folder, inTable, queue?.queue);
    progress.end();
    print(summary(table));
    say(`table: ${join(place, tableFiles.table)}`);
    say(`report: ${join(place, tableFiles.page)}`);
    if (failures.length > 0) process.exitCode = 1;
    if (interrupt.stopped()) {
      say(`Stopped. Continue with: genonnx tabulate --resume ${folder}`);
      process.exitCode = interruptedExitCode;
    }
  } finally {
    interrupt.dispose();
  }
}

/** What a worker makes of a table. */
async function trainPart({ out, resume, declaration, rows }: TabulateOptions): Promise<void> {
  const interrupt = onInterrupt();
  const progress = startProgress('tabulate');
  try {
    const failures = await tabulatePart({
      part: rows === undefined ? undefined : { declaration: declared(declaration), runs: parsePart(rows) },
      folder: resume ?? required(out),
      onNote: (text) => progress.line(`tabulate: ${text}`),
      onProgress: (done, note) => progress.update(done, note),
      signal: interrupt.signal,
    });
    progress.end();
    if (failures.length > 0) process.exitCode = 1;
    if (interrupt.stopped()) process.exitCode = interruptedExitCode;
  } finally {
    interrupt.dispose();
  }
}

function declared(json: string | undefined): Declaration {
  const parsed = declarationSchema.safeParse(jsonOf(json));
  if (parsed.success) return parsed.data;
  throw new GenonnxError('usage', 'Rows need the declaration of their table.', {
    where: '--declaration',
    expected: 'a declaration as JSON',
    found: json ?? 'none',
    cure: 'Leave --rows to workers, which are told both.',
  });
}

function jsonOf(json: string | undefined): unknown {
  try {
    return JSON.parse(json ?? '');
  } catch {
    return undefined;
  }
}

/** What a table comes to so far. */
function summary(table: Table): string {
  const benchmark = benchmarkOf(table);
  const { networks, value } = benchmark;
  const whole = Object.values(table.cells).filter(isNetwork);
  const { format } = tasks[table.task].measures.metrics[0];
  const done = whole.flatMap(({ seconds }) => seconds.flatMap((one) => one ?? []));
  const tests = networks.map((network) => value(network, 'test'));
  const meanSeconds = done.reduce((sum, one) => sum + one, 0) / done.length;
  const { all, best } = agreementOfSeeds(benchmark, 'test');
  const tau = (value: number | undefined): string => value?.toFixed(2) ?? 'unknown';
  return list([
    [
      'networks',
      `${networks.length} of ${whole.length}, with ${benchmark.seeds.length} of ${table.seeds.length} seeds`,
    ],
    ['trainings', `${done.length}, ${done.length === 0 ? 'none' : meanSeconds.toFixed(1)} s each`],
    ...(tests.length === 0
      ? []
      : [
          [
            `test ${table.metric.name}`,
            `${format(Math.min(...tests))} to ${format(Math.max(...tests))}`,
          ] as const,
        ]),
    ['rank correlation of seeds', `${tau(all)} over all, ${tau(best)} in the best fifth`],
  ]);
}
