// Real servers for tests: Debian's, started on free ports with their data in temporary folders, and gone afterwards. Where there
// are none, tests that need them skip and say so.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as wait } from 'node:timers/promises';

export interface Server {
  /** With a password, where the server asks for one. */
  readonly address: string;
  /** As a machine that loses its power. */
  kill(): Promise<void>;
  /** On the same port, with what reached the disk. */
  restart(): Promise<void>;
  /** For good. */
  stop(): Promise<void>;
}

export interface ServerKind {
  readonly name: string;
  /** Undefined where it can be started. */
  readonly missing: string | undefined;
  start(): Promise<Server>;
}

/** A server whose certificate, one of its own, a client is to trust: the path for `NODE_EXTRA_CA_CERTS`. */
export interface TlsServer extends Server {
  readonly certificate: string;
}

const redisProgram = '/usr/bin/redis-server';
const postgresPrograms = '/usr/lib/postgresql';
export const redisPassword = 'quite-secret';

export const redis: ServerKind = {
  name: 'redis',
  missing: existsSync(redisProgram) ? undefined : `no ${redisProgram}: apt-get install redis-server`,
  start: async () => {
    const folder = temporaryFolder('redis');
    const port = await freePort();
    const begin = redisIn(folder, ['--port', String(port)]);
    return serverOf(`redis://:${redisPassword}@127.0.0.1:${port}`, port, folder, begin);
  },
};

/** Redis that speaks TLS alone. */
export const redisTls = {
  missing:
    redis.missing ??
    (spawnSync('openssl', ['version']).status === 0 ? undefined : 'no openssl: apt-get install openssl'),
  start: async (): Promise<TlsServer> => {
    const folder = temporaryFolder('redis');
    const port = await freePort();
    const [certificate, key] = [join(folder, 'certificate.pem'), join(folder, 'key.pem')];
    const wanted = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1', '-days', '2'];
    const made = spawnSync('openssl', [
      ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', certificate],
      ...wanted,
    ]);
    if (made.status !== 0) throw new Error(`openssl: ${made.stderr}`);
    const tls = ['--tls-cert-file', certificate, '--tls-key-file', key, '--tls-auth-clients', 'no'];
    const begin = redisIn(folder, ['--port', '0', '--tls-port', String(port), ...tls]);
    const server = await serverOf(`rediss://:${redisPassword}@127.0.0.1:${port}`, port, folder, begin);
    return { ...server, certificate };
  },
};

function redisIn(folder: string, place: readonly string[]): () => ChildProcess {
  const args = [...place, '--bind', '127.0.0.1', '--dir', folder, '--save', ''];
  const own = ['--requirepass', redisPassword, '--appendonly', 'yes', '--appendfsync', 'always'];
  return () => spawn(redisProgram, [...args, ...own], { stdio: 'ignore' });
}

function temporaryFolder(kind: string): string {
  return mkdtempSync(join(tmpdir(), `genonnx-${kind}-`));
}

const [postgresVersion] = existsSync(postgresPrograms) ? readdirSync(postgresPrograms).sort().reverse() : [];

export const postgres: ServerKind = {
  name: 'postgres',
  missing:
    postgresVersion === undefined ? `nothing in ${postgresPrograms}: apt-get install postgresql` : undefined,
  start: async () => {
    const programs = join(postgresPrograms, postgresVersion ?? '', 'bin');
    const folder = temporaryFolder('postgres');
    // It refuses to be started by root.
    const user = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
    if (user.uid !== undefined) chownSync(folder, user.uid, user.gid);
    const data = join(folder, 'data');
    const options = { ...user, cwd: folder, stdio: 'ignore' } as const;
    const made = spawnSync(
      join(programs, 'initdb'),
      ['-D', data, '-A', 'trust', '-U', 'genonnx', '-N'],
      options,
    );
    if (made.status !== 0) throw new Error(`initdb ended with ${made.status ?? made.signal}`);
    const port = await freePort();
    const settings = ['-c', 'listen_addresses=127.0.0.1', '-c', 'max_connections=200', '-k', folder];
    const begin = () =>
      spawn(join(programs, 'postgres'), ['-D', data, '-p', String(port), ...settings], options);
    const server = await serverOf(`postgres://genonnx@127.0.0.1:${port}/postgres`, port, folder, begin);
    // It answers on its port before it lets anybody in.
    await wait(500);
    return server;
  },
};

async function serverOf(
  address: string,
  port: number,
  folder: string,
  begin: () => ChildProcess,
): Promise<Server> {
  let child = begin();
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await exited;
  };
  await untilAnswered(port);
  return {
    address,
    kill: () => end('SIGKILL'),
    restart: async () => {
      await end('SIGKILL');
      child = begin();
      await untilAnswered(port);
    },
    stop: async () => {
      await end('SIGINT');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A port of this machine that nobody uses. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('This machine gives no ports.');
  return address.port;
}

async function untilAnswered(port: number): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    const answered = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true));
      socket.once('error', () => resolve(false));
      socket.once('close', () => resolve(false));
      setTimeout(() => socket.destroy(), 500).unref();
    });
    if (answered) return;
    await wait(50);
  }
  throw new Error(`Nobody answers on port ${port}.`);
}
