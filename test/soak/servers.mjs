// Servers for the scripts beside the tests, which run what is built: Redis or PostgreSQL on a free port, in a folder of its own.
import { spawn, spawnSync } from 'node:child_process';
import { appendFileSync, chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as wait } from 'node:timers/promises';

const programs = '/usr/lib/postgresql';

/**
 * @param {'redis' | 'postgres'} kind
 * @param {string[]} hosts addresses of this machine beside the local one, at which it is to answer
 */
export async function startServer(kind, hosts = []) {
  const folder = mkdtempSync(join(tmpdir(), `genonnx-${kind}-`));
  const port = await freePort();
  const begin = kind === 'redis' ? redis(folder, port, hosts) : postgres(folder, port, hosts);
  let child = begin();
  const end = async (signal) => {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await ended;
  };
  await untilAnswered(port);
  if (kind === 'postgres') await wait(1000);
  return {
    addressAt: (host) =>
      kind === 'redis' ? `redis://${host}:${port}` : `postgres://genonnx@${host}:${port}/postgres`,
    async restart() {
      await end('SIGKILL');
      await wait(500);
      child = begin();
      await untilAnswered(port);
    },
    async stop() {
      await end('SIGINT');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function redis(folder, port, hosts) {
  const own = ['--appendonly', 'yes', '--save', '', '--maxclients', '10000', '--protected-mode', 'no'];
  const args = ['--port', String(port), '--bind', '127.0.0.1', ...hosts, '--dir', folder, ...own];
  return () => spawn('/usr/bin/redis-server', args, { stdio: 'ignore' });
}

function postgres(folder, port, hosts) {
  const [version] = existsSync(programs) ? readdirSync(programs).sort().reverse() : [];
  if (version === undefined) throw new Error(`There is no PostgreSQL in ${programs}.`);
  const bin = join(programs, version, 'bin');
  const user = process.getuid() === 0 ? { uid: 65_534, gid: 65_534 } : {};
  if (user.uid !== undefined) chownSync(folder, user.uid, user.gid);
  const options = { ...user, cwd: folder, stdio: 'ignore' };
  const data = join(folder, 'data');
  const { status } = spawnSync(
    join(bin, 'initdb'),
    ['-D', data, '-A', 'trust', '-U', 'genonnx', '-N'],
    options,
  );
  if (status !== 0) throw new Error(`initdb ended with ${status}`);
  appendFileSync(join(data, 'pg_hba.conf'), hosts.map((host) => `host all all ${host}/24 trust\n`).join(''));
  const addresses = ['127.0.0.1', ...hosts].join(',');
  const settings = ['-c', `listen_addresses=${addresses}`, '-c', 'max_connections=500', '-k', folder];
  return () => spawn(join(bin, 'postgres'), ['-D', data, '-p', String(port), ...settings], options);
}

/** A port of this machine that nobody uses. */
export async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function untilAnswered(port) {
  for (let tries = 0; tries < 600; tries++) {
    const answered = await new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1', () => {
        resolve(true);
        socket.destroy();
      });
      socket.once('error', () => resolve(false));
    });
    if (answered) return;
    await wait(100);
  }
  throw new Error(`Nobody answers on port ${port}.`);
}
