// `genonnx live`: a page of the runs in some folders, in a browser, while they go on.
import type { Command } from 'commander';
import { live } from '../../library/live.js';
import { onInterrupt } from '../interrupt.js';
import { wholeNumber } from '../options.js';
import { print, say } from '../output.js';

interface LiveOptions {
  readonly host?: string;
  readonly port?: number;
  readonly queue?: string;
}

export function registerLive(program: Command): void {
  program
    .command('live')
    .description('watch runs in a browser, while they go on and afterwards')
    .argument('[folders...]', 'folders in which runs and studies lie, however deep (default: this one)')
    .option(
      '--host <name>',
      'let other machines look: an address of this one, or 0.0.0.0 for all; the address that is printed has a token',
    )
    .option('--port <n>', 'where it is served (default: 8642, or a free one)', wholeNumber('port', 0, 65_535))
    .option('--queue <address>', 'show what a queue is doing, too: redis://host or postgres://host/database')
    .addHelpText(
      'after',
      `
Examples:
  genonnx live runs
  genonnx live runs/cifar-m7 runs/darts
  genonnx live runs --host 0.0.0.0

Nothing in the folders is changed. Ctrl-C ends it; runs go on.`,
    )
    .action(async (folders: string[], { host, port, queue }: LiveOptions) => {
      const server = await live(folders.length === 0 ? ['.'] : folders, { host, port, queue });
      print(server.url);
      say('Ctrl-C ends it.');
      const interrupt = onInterrupt('Closing the page.');
      await new Promise((resolve) => interrupt.signal.addEventListener('abort', resolve, { once: true }));
      interrupt.dispose();
      await server.close();
    });
}
