// What the checks conclude from what commands printed: text and results in, a verdict out. Pure, so that they are tested
// where there is no GPU (verdicts.test.ts).

/** Did every node of every measurement run on the provider, for these batches, with TF32 as it was asked for? */
export function placement({ measurements }, { provider, batches, tf32 }) {
  const failures = [];
  const found = measurements.map(({ execution }) => execution.batch);
  if (found.join() !== batches.join())
    failures.push(`measured batches ${found.join(', ')} instead of ${batches.join(', ')}`);
  for (const { execution } of measurements) {
    const at = `batch ${execution.batch}`;
    if (execution.tf32 !== tf32) failures.push(`${at}: TF32 ${execution.tf32} instead of ${tf32}`);
    if (execution.placement === null) {
      failures.push(`${at}: the runtime gave no profile`);
      continue;
    }
    const others = execution.placement.providers.filter((part) => part.provider !== provider);
    for (const other of others) failures.push(`${at}: ${other.nodes} nodes on ${other.provider}`);
    if (others.length === execution.placement.providers.length)
      failures.push(`${at}: no node on ${provider}`);
  }
  if (failures.length > 0) return failed(failures.join('; '));
  const each = measurements.map(
    ({ execution, summary }) =>
      `batch ${execution.batch} ${summary.medianMs.toPrecision(3)} ms, ${nodesOf(execution.placement)} nodes`,
  );
  return ok(`all on ${provider}: ${each.join('; ')}`);
}

/** Did the command say no because nodes would run on the CPU? */
export function refusal({ exitCode, stderr }) {
  if (exitCode !== 1) return failed(`exit code ${exitCode} instead of 1${reasonIn(stderr)}`);
  if (!/does not take every node|ran on another provider/.test(stderr))
    return failed(`exit code 1, but not because of a fallback${reasonIn(stderr)}`);
  return ok('exit code 1, because a node would run on the CPU');
}

/** Do the results name the operator that ran on the CPU, and no other, while the provider ran the rest? */
export function namedFallback({ measurements }, provider, operator) {
  for (const { execution } of measurements) {
    const operators = Object.keys(execution.placement?.cpuFallback.operators ?? {});
    if (operators.join() !== operator)
      return failed(`on the CPU: ${operators.join(', ') || 'nothing'} instead of ${operator}`);
    if (!execution.placement?.providers.some((part) => part.provider === provider))
      return failed(`no node on ${provider}`);
  }
  return measurements.length === 0
    ? failed('no measurement')
    : ok(`measured; the receipt names ${operator} on the CPU`);
}

/** `genonnx validate --json`: agreed, and how nearly. */
export function agreement(exitCode, validation) {
  if (validation === undefined) return failed(`validate ended with exit code ${exitCode}, without a report`);
  const { absolute, relative } = validation.tolerance;
  const worst = validation.comparisons.reduce((a, b) =>
    Number(b.ofTolerance) > Number(a.ofTolerance) || Number.isNaN(Number(b.ofTolerance)) ? b : a,
  );
  const text = `largest difference ${format(worst.difference)}, ${(100 * Number(worst.ofTolerance)).toPrecision(3)} % of the tolerance (${absolute} + ${relative} of the largest output)`;
  return validation.ok && exitCode === 0 ? ok(text) : failed(text);
}

/** Skipped where the provider does not start on this machine (exit code 3); undefined for every other end. */
export function notStarted({ exitCode, stderr }) {
  if (exitCode !== 3) return undefined;
  return { outcome: 'skipped', text: found(stderr) ?? lastLine(stderr) };
}

export function unexpectedEnd({ exitCode, stderr }) {
  return failed(`exit code ${exitCode}${reasonIn(stderr)}`);
}

/** One line a check. */
export function line(name, { outcome, text }) {
  return `${outcome}: ${name}: ${text}`;
}

export function summary(verdicts) {
  const count = (outcome) => verdicts.filter((verdict) => verdict.outcome === outcome).length;
  return {
    text: `${count('ok')} ok, ${count('failed')} failed, ${count('skipped')} skipped`,
    exitCode: count('failed') > 0 ? 1 : 0,
  };
}

/** Which CUDA and cuDNN a library is linked with, and what of that is not there, in the output of `ldd`. */
export function neededLibraries(ldd) {
  const lines = ldd.split('\n').map((text) => text.trim());
  const major = (library) =>
    lines.map((text) => new RegExp(`^${library}\\.so\\.(\\d+)`).exec(text)?.[1]).find((found) => found);
  return {
    cuda: major('libcudart') ?? major('libcublas(?:Lt)?'),
    cudnn: major('libcudnn'),
    // The runtime loads its own libraries from beside itself.
    missing: lines
      .filter((text) => text.endsWith('=> not found') && !text.startsWith('libonnxruntime'))
      .map((text) => text.split(' ')[0]),
  };
}

/** Why onnxruntime-node's install script failed, and what to do. */
export function installFailure(output) {
  const offline = /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH)\b/.exec(
    output,
  );
  if (offline !== null) {
    return {
      found: `api.nuget.org cannot be reached (${offline[1]})`,
      cure: 'Run it with a network (GLOBAL_AGENT_HTTPS_PROXY names a proxy), or copy the three files from another machine.',
    };
  }
  const said = output.split('\n').find((text) => /Error: /.test(text));
  return {
    found: said?.trim() ?? lastLine(output),
    cure: 'Run ONNXRUNTIME_NODE_INSTALL=true node node_modules/onnxruntime-node/script/install.js to see all of it.',
  };
}

function ok(text) {
  return { outcome: 'ok', text };
}

function failed(text) {
  return { outcome: 'failed', text };
}

function nodesOf({ providers }) {
  return providers.reduce((sum, { nodes }) => sum + nodes, 0);
}

function format(value) {
  return typeof value === 'number' ? value.toExponential(2) : value;
}

/** What an error of the command says was found. */
function found(stderr) {
  return /^ {2}found: +(.+)$/m.exec(stderr)?.[1];
}

function reasonIn(stderr) {
  const text = found(stderr) ?? /^error: (.+)$/m.exec(stderr)?.[1] ?? lastLine(stderr);
  return text === '' ? '' : `: ${text}`;
}

function lastLine(text) {
  return text.trim().split('\n').at(-1) ?? '';
}
