// A machine of its own, as far as the network goes: a network namespace behind a cable that can be cut, where this machine allows it
// (root, and iproute2).
import { execFileSync } from 'node:child_process';
import process from 'node:process';

/** @returns undefined where there can be none. */
export function farMachine() {
  const name = `genonnx${process.pid}`;
  const [here, there] = [`gx${process.pid}a`, `gx${process.pid}b`];
  // Of the addresses for tests of networks.
  const [address, own] = [1, 2].map((host) => `198.18.${process.pid % 250}.${host}`);
  const ip = (text) => execFileSync('ip', text.split(' '), { stdio: 'ignore' });
  const remove = () => {
    for (const text of [`link del ${here}`, `netns del ${name}`])
      try {
        ip(text);
      } catch {
        // It was not there.
      }
  };
  try {
    ip(`netns add ${name}`);
    ip(`link add ${here} type veth peer name ${there} netns ${name}`);
    ip(`addr add ${address}/24 dev ${here}`);
    ip(`link set ${here} up`);
    for (const text of [`addr add ${own}/24 dev ${there}`, `link set ${there} up`, 'link set lo up'])
      ip(`-n ${name} ${text}`);
  } catch {
    remove();
    return undefined;
  }
  return {
    /** By which it reaches us. */
    address,
    /** What starts a command there: every program of it becomes the next, so that signals reach the command. */
    start: [
      ...['ip', 'netns', 'exec', name, 'unshare', '--uts'],
      ...['sh', '-c', 'hostname far && exec "$@"', 'sh'],
    ],
    /** Nothing arrives, and nobody is told. */
    cut: () => ip(`link set ${here} down`),
    mend: () => ip(`link set ${here} up`),
    remove,
  };
}
