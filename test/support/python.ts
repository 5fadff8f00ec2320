// Scripts for a Python that has what they import: GENONNX_PYTHON, `python3`, or Debian's own.
import { execa } from 'execa';

/** The exit code of a script that lacks something. */
const lacking = 86;

export type PythonRun = { readonly stdout: string } | { readonly skipped: string };

/**
 * Runs a script with the first Python that does not lack `what`, which the script says by exit code 86.
 * @returns why none did. @throws what Python said.
 */
export async function runPython(script: string, args: readonly string[], what: string): Promise<PythonRun> {
  const pythons = new Set([process.env.GENONNX_PYTHON, 'python3', '/usr/bin/python3']);
  const tried: string[] = [];
  for (const python of pythons) {
    if (python === undefined || python === '') continue;
    const { exitCode, failed, stdout, stderr, code } = await execa(python, [script, ...args], {
      reject: false,
    });
    if (!failed) return { stdout };
    if (exitCode === lacking) tried.push(stderr);
    else if (code === 'ENOENT') tried.push(`${python}: not found`);
    else throw new Error(stderr);
  }
  return { skipped: `no Python with ${what}: ${tried.join('; ')}` };
}
