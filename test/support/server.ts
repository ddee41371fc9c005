import { join } from 'node:path';
import { noDeclarations } from '../../src/config/declarations.ts';
import type { Config } from '../../src/config.ts';
import { startServer, type NagareServer } from '../../src/server/start.ts';
import { silentLog } from '../../src/support/log.ts';
import { removeFolder, temporaryFolder } from './temporary-folder.ts';
import { reservePort } from './ports.ts';

export { clientEnvironment, clientOptions } from './client.ts';
export { mainPath, spawnServer, type ServerProcess, type SpawnOptions } from './server-process.ts';
export { temporaryFolder } from './temporary-folder.ts';

export interface TestServer {
  readonly endpoint: string;
  readonly dataDir: string;
  /** Stops it; its folder stays. */
  stop(): Promise<void>;
  /** Stops it and starts it again on the same folder and port. */
  restart(): Promise<void>;
  /** Stops it and removes its folder. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** The settings of a server on a free port, with its data in a folder below `folder`. */
export function testConfig(folder: string, options: Partial<Config> = {}): Config {
  return {
    host: '127.0.0.1',
    port: 0,
    dataDir: join(folder, 'data'),
    region: 'us-east-1',
    accountId: '000000000000',
    corsOrigins: [],
    egressAllowed: [],
    allowedHosts: [],
    baseDir: folder,
    logFormat: 'text',
    logLevel: 'silent',
    workers: 0,
    lifecycleMs: 0,
    activePartitions: 500,
    streamIds: 'hidden',
    functionIsolation: 'auto',
    limits: { mode: 'none' },
    declarations: noDeclarations,
    ...options,
  };
}

/** A whole server inside the test's process, on a port of its own, in a temporary folder. */
export async function startTestServer(options: Partial<Config> = {}): Promise<TestServer> {
  const folder = await temporaryFolder();
  // On all addresses it cannot have the same port again for sure.
  const reserved = options.host === undefined ? await reservePort() : undefined;
  const config = testConfig(folder, { port: reserved?.port ?? 0, ...options });
  let server: NagareServer = await startServer(config, silentLog);
  const port = Number(new URL(server.endpoint).port);
  async function close(): Promise<void> {
    await server.close();
    reserved?.release();
    await removeFolder(folder);
  }
  return {
    endpoint: server.endpoint,
    dataDir: config.dataDir,
    stop: () => server.close(),
    async restart() {
      await server.close();
      server = await startServer({ ...config, port }, silentLog);
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
