// Where a queue and its store are: options of commands, or of the environment, where a list of processes does not show passwords.
import { join, parse } from 'node:path';
import process from 'node:process';
import type { Command } from 'commander';
import { GenonnxError } from '../errors.js';

export interface QueueFlags {
  readonly queue?: string;
  readonly store?: string;
}

export function addQueueOptions(command: Command): Command {
  return command
    .option(
      '--queue <address>',
      'redis://HOST:PORT, rediss://HOST:PORT or postgres://HOST/DATABASE (or GENONNX_QUEUE in the environment)',
    )
    .option(
      '--store <place>',
      'a folder that all machines share, or http://HOST:PORT of the study that keeps it (or GENONNX_STORE)',
    );
}

export function queueOf({
  queue = process.env.GENONNX_QUEUE,
  store = process.env.GENONNX_STORE,
}: QueueFlags): { readonly queue: string; readonly store: string } | undefined {
  if (queue === undefined) return undefined;
  if (store !== undefined) return { queue, store };
  throw new GenonnxError('usage', 'A queue needs a place for what its runs leave.', {
    expected: '--store FOLDER',
    cure: 'Name a folder that all machines share.',
  });
}

/** Where a study or a table goes that has a store: `studies/small` for `small.yaml`. */
export function studyIn(store: string, file: string): string {
  return join(store, 'studies', parse(file).name);
}

/** `8080`, or `10.0.0.5:8080`: where a study answers workers that do not share its folder. */
export function servedAt(text: string): { readonly host: string; readonly port: number } {
  const [, host = '0.0.0.0', digits = ''] = /^(?:([\w.-]+|\[[\da-f:]+\]):)?(\d{1,5})$/i.exec(text) ?? [];
  const port = Number(digits);
  if (digits !== '' && port < 65_536) return { host: host.replace(/^\[|\]$/g, ''), port };
  throw new GenonnxError('usage', '--serve takes a port.', {
    expected: 'PORT or HOST:PORT',
    found: text,
    cure: 'Pass for example --serve 8080.',
  });
}

/** @throws GenonnxError `usage` where there is none. */
export function requiredQueue(flags: QueueFlags): { readonly queue: string; readonly store: string } {
  const found = queueOf(flags);
  if (found !== undefined) return found;
  throw new GenonnxError('usage', 'A worker needs a queue.', {
    expected: '--queue ADDRESS --store FOLDER',
    cure: 'Pass --queue redis://localhost:6379, or the address of another server.',
  });
}
