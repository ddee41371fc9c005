import { watchFile } from 'node:fs';
import { flushCompileCache } from 'node:module';
import { constants } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import type { Config } from '../config.ts';
import { certificateFolder } from '../http/certificate.ts';
import { cliLimits } from './limits.ts';
import type { NagareServer } from '../server/start.ts';
import { createLog, type Log, loadTextFormat } from '../support/log.ts';
import { isLoopbackHost } from '../support/loopback.ts';
import { explained, systemErrorOf, unusableFolder } from './explain.ts';
import { configOf, withSettings, type SettingFlags } from './options.ts';
import { CommandError, type Terminal } from './terminal.ts';
import { version } from '../support/version.ts';

type StartFlags = SettingFlags & { readonly allowReshard?: boolean; readonly json?: true };

/** `nagare start`: runs the server until a signal stops it. */
export function startCommand(terminal: Terminal): Command {
  return withSettings(new Command('start'))
    .description(
      'start the server; SIGTERM or Ctrl-C stops it, SIGHUP makes it read its certificate again, and begin a new audit log',
    )
    .option('--allow-reshard', 'merge shards if nagare.yaml declares fewer than a stream has')
    .option('--json', 'print where the server is as one line of JSON, once it is ready')
    .action(async ({ allowReshard = false, json, ...flags }: StartFlags) => {
      const stopAsked = untilSignal();
      let ready = false;
      void (async () => {
        await stopAsked;
        // Opening a large store takes time. Nothing has been acknowledged yet, and the files on disk are consistent at
        // every moment.
        if (!ready) process.exit(0);
      })();
      // Loaded here so that the other commands start faster.
      const { sections, startServer } = await import('../server/start.ts');
      const config = { ...(await configOf(flags, terminal, sections)), allowReshard };
      const log = createLog({ format: config.logFormat, level: config.logLevel });
      const server = await startServer(config, log).catch((error: unknown) => {
        throw explainedStart(error, config);
      });
      ready = true;
      renewWhenAsked(config, server, log);
      if (!isInTerminal()) process.on('SIGHUP', () => server.reopenLogs());
      if (config.masterKey !== undefined) {
        log.warn(
          'NAGARE_MASTER_KEY is deprecated because other processes can read the environment; the next version accepts only NAGARE_MASTER_KEY_FILE',
        );
      }
      terminal.print(json === true ? JSON.stringify(facts(config, server)) : welcome(config, server));
      if (config.logFormat === 'text') loadTextFormat();
      // Node writes its compile cache at exit only, so a killed server would never write it and every start would be
      // slow.
      flushCompileCache();
      const lost = await Promise.race([stopAsked, server.lost]);
      if (lost === undefined) {
        const text = 'shutting down: waiting for open requests; press Ctrl-C again to stop now';
        if (json === true) terminal.complain(text);
        else terminal.print(text);
      } else {
        terminal.complain(`nagare: ${lost.message}`);
      }
      await server.close().catch((error: unknown) => {
        // Without the data folder, services cannot store their final state.
        if (lost === undefined) throw error;
      });
      // Handles that functions left open (such as a grandchild's pipe) must not keep a stopped server alive.
      process.exit(lost === undefined ? 0 : 1);
    });
}

function endpointOf({ tls }: Config, { endpoint }: NagareServer): string {
  return tls === undefined ? endpoint : endpoint.replace('http:', 'https:');
}

/** What programs need to know that have started the server. */
function facts(config: Config, server: NagareServer): object {
  const endpoint = endpointOf(config, server);
  const { region, dataDir } = config;
  return {
    version: version(),
    pid: process.pid,
    endpoint,
    region,
    dataDir,
    auth: server.auth,
    ...(config.console !== 'off' && { console: `${endpoint}/` }),
    readyMs: Math.round(performance.now()),
  };
}

function welcome(config: Config, server: NagareServer): string {
  const { host, region, dataDir, tls } = config;
  const endpoint = endpointOf(config, server);
  const plain = tls === undefined ? '' : `, and without TLS at ${server.endpoint}`;
  const reach = isLoopbackHost(host)
    ? '(loopback only: other machines cannot reach it)'
    : `(listens on ${host}: other machines can reach it)`;
  const auth =
    server.auth === 'required'
      ? '\n  auth     required: requests must be signed with a key of this server'
      : '';
  const keys =
    server.auth === 'required'
      ? 'AWS_ACCESS_KEY_ID=<access key id> AWS_SECRET_ACCESS_KEY=<secret access key>'
      : 'AWS_ACCESS_KEY_ID=nagare AWS_SECRET_ACCESS_KEY=nagare';
  const cluster = config.cluster === undefined ? '' : '\n  cluster  shares its log with other machines';
  const page = config.console === 'off' ? '' : `\n  console  ${endpoint}/`;
  // performance.now() counts from the start of the process.
  return `nagare ${version()}, ready in ${Math.round(performance.now())} ms

  address  ${endpoint} ${reach}${plain}${auth}${page}
  data     ${dataDir}${cluster}

Clients need:

  export AWS_ENDPOINT_URL=${endpoint}
  export ${keys} AWS_REGION=${region} AWS_DEFAULT_REGION=${region}
${tls === undefined ? '' : trustLines(tls, dataDir)}`;
}

/** Tells how clients trust the certificate: each language has its own environment variable. */
function trustLines({ files }: NonNullable<Config['tls']>, dataDir: string): string {
  const certificate = files?.cert ?? join(certificateFolder(dataDir), 'server.crt');
  const when = files === undefined ? '' : ' # not needed if a public authority signed it';
  return `  export AWS_CA_BUNDLE=${certificate} NODE_EXTRA_CA_CERTS=${certificate}${when}
`;
}

/**
 * Reads the certificate again on SIGHUP and when one of its files changes. One that cannot be used is reported, and the
 * old one stays.
 */
function renewWhenAsked({ tls }: Config, server: NagareServer, log: Log): void {
  if (tls === undefined) return;
  const renew = (): void => {
    server.renewCertificate().then(
      () => log.info('the certificate was read again'),
      (error: unknown) => log.error({ err: error }, 'the certificate was not renewed'),
    );
  };
  if (!isInTerminal()) process.on('SIGHUP', renew);
  const { files, clientCa } = tls;
  const own = files === undefined ? [] : [files.cert, files.key];
  for (const path of clientCa === undefined ? own : [...own, clientCa]) {
    watchFile(path, { interval: cliLimits.certificateCheckMs, persistent: false }, renew);
  }
}

/** A closed terminal sends SIGHUP to what runs in it: that stops the server. */
function isInTerminal(): boolean {
  return process.stdin.isTTY && process.stdout.isTTY;
}

/**
 * Resolves at the first SIGTERM, SIGINT or (from a closed terminal) SIGHUP; a second one ends the process immediately. npm
 * forwards a Ctrl-C that the terminal has sent already, so a signal shortly after the first one counts as the same.
 */
function untilSignal(): Promise<void> {
  return new Promise((resolve) => {
    let askedMs: number | undefined;
    if (!isInTerminal()) process.on('SIGHUP', () => {});
    const signals = ['SIGTERM', 'SIGINT', ...(isInTerminal() ? (['SIGHUP'] as const) : [])] as const;
    for (const signal of signals) {
      process.on(signal, () => {
        if (askedMs === undefined) {
          askedMs = performance.now();
          resolve();
        } else if (performance.now() - askedMs > cliLimits.sameSignalMs) {
          process.exit(128 + constants.signals[signal]);
        }
      });
    }
  });
}

/** Converts system errors about the address or the data folder to messages for the user. */
function explainedStart(error: unknown, { host, port, dataDir }: Config): unknown {
  const refusal = systemErrorOf(error);
  if (refusal?.syscall !== 'listen') return unusableFolder(error, dataDir);
  switch (refusal.code) {
    case 'EADDRINUSE':
      return new CommandError(
        `port ${port} on ${host} is in use; choose another with --port (0 picks a free one)`,
      );
    case 'EADDRNOTAVAIL':
      return new CommandError(`${host} is not an address of this machine`);
    default:
      return explained(error, `cannot use port ${port} on ${host}`);
  }
}
