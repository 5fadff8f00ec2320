// Where what can be made again is kept between runs.
import os from 'node:os';
import { join } from 'node:path';
import process from 'node:process';

/** `$XDG_CACHE_HOME/genonnx`, or `~/.cache/genonnx`. */
export function userCacheFolder(): string {
  const base = process.env.XDG_CACHE_HOME;
  return join(base === undefined || base === '' ? join(os.homedir(), '.cache') : base, 'genonnx');
}
