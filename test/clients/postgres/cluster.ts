import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, globSync } from 'node:fs';
import { chown, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Client } from 'pg';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { runTool } from '../../support/tools.ts';
import { until } from '../../support/until.ts';
import { reservePort } from '../../support/ports.ts';

export const PASSWORD = "s3cr3t/@:%'";

/** Where Debian has the server; undefined if it is not installed. */
export function serverPrograms(): string | undefined {
  const [program] = globSync('/usr/lib/postgresql/*/bin/postgres').toSorted().toReversed();
  return program === undefined || !existsSync(program) ? undefined : dirname(program);
}

/** A server of PostgreSQL of its own, with TLS and durable commits. */
export interface Cluster {
  readonly port: number;
  /** The certificate of the authority that the server's certificate is from, for `localhost` only. */
  readonly caFile: string;
  /** As the owner of the cluster. */
  url(database?: string): string;
  query(sql: string, database?: string): Promise<Record<string, unknown>[]>;
  /** SIGKILL for the server and all its processes. */
  kill(): Promise<void>;
  start(): Promise<void>;
  close(): Promise<void>;
}

export async function startCluster(programs: string): Promise<Cluster> {
  const folder = await temporaryFolder();
  const user = await unprivilegedUser();
  const data = join(folder, 'cluster');
  await mkdir(data);
  const passwordFile = join(folder, 'password');
  await writeFile(passwordFile, PASSWORD);
  const caFile = await certificates(folder);
  if (user !== undefined) {
    for (const path of [folder, data, passwordFile, join(folder, 'server.key')])
      await chown(path, user, user);
  }
  const asUser =
    user === undefined ? [] : ['setpriv', `--reuid=${user}`, `--regid=${user}`, '--clear-groups'];
  const [initdb, ...rest] = [...asUser, join(programs, 'initdb')];
  const options = [
    '--pgdata',
    data,
    '--username',
    'owner',
    '--pwfile',
    passwordFile,
    '--auth',
    'scram-sha-256',
  ];
  await runTool(initdb, [...rest, ...options, '--encoding', 'UTF8', '--locale', 'C', '--no-sync'], {
    cwd: folder,
  });
  const { port } = await reservePort();
  const url = (database = 'postgres') =>
    `postgresql://owner:${encodeURIComponent(PASSWORD)}@127.0.0.1:${port}/${database}`;
  let running: ChildProcess | undefined;

  async function query(sql: string, database?: string): Promise<Record<string, unknown>[]> {
    const client = new Client({ connectionString: url(database), connectionTimeoutMillis: 5_000 });
    client.on('error', () => undefined);
    await client.connect();
    try {
      const { rows } = await client.query<Record<string, unknown>>(sql);
      return rows;
    } finally {
      await client.end();
    }
  }

  /** Until the last process of a killed server is gone, a new one refuses to start. */
  async function start(): Promise<void> {
    const settings = {
      listen_addresses: '127.0.0.1',
      unix_socket_directories: '',
      ssl: 'on',
      ssl_cert_file: join(folder, 'server.crt'),
      ssl_key_file: join(folder, 'server.key'),
    };
    const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const [postgres, ...before] = [...asUser, join(programs, 'postgres')];
    await until(
      async () => {
        if (running === undefined || running.exitCode !== null || running.signalCode !== null) {
          const args = [...before, '-D', data, '-p', String(port), ...flags];
          running = spawn(postgres, args, { cwd: folder, stdio: 'ignore', detached: true });
        }
        return await query('SELECT 1').then(
          () => true,
          () => false,
        );
      },
      { what: 'PostgreSQL answers', withinMs: 60_000, pauseMs: 50 },
    );
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    if (running?.pid === undefined || running.exitCode !== null || running.signalCode !== null) return;
    const ended = once(running, 'exit');
    // The process is the leader of its group.
    process.kill(signal === 'SIGKILL' ? -running.pid : running.pid, signal);
    await ended;
  }

  await start();
  return { port, caFile, url, query, start, kill: () => end('SIGKILL'), close: () => end('SIGQUIT') };
}

/** PostgreSQL does not run as root. Debian's package has made the user. */
async function unprivilegedUser(): Promise<number | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  return Number(await runTool('id', ['-u', 'postgres']));
}

async function certificates(folder: string): Promise<string> {
  const [key, caFile] = [join(folder, 'ca.key'), join(folder, 'ca.crt')];
  const made = [
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-days',
    '2',
  ];
  await runTool('openssl', [...made, '-subj', '/CN=test authority', '-keyout', key, '-out', caFile]);
  const own = ['-keyout', join(folder, 'server.key'), '-out', join(folder, 'server.crt')];
  const names = ['-subj', '/CN=server', '-addext', 'subjectAltName=DNS:localhost'];
  const notAuthority = ['-addext', 'basicConstraints=critical,CA:FALSE'];
  await runTool('openssl', [...made, ...names, ...notAuthority, '-CA', caFile, '-CAkey', key, ...own]);
  return caFile;
}
