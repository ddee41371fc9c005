import { unlimited } from '../../support/unlimited.ts';
import { Targets } from '../../../src/aws/targets.ts';
import { admit } from '../../support/admission.ts';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { CloudWatchLogsClient, paginateFilterLogEvents } from '@aws-sdk/client-cloudwatch-logs';
import {
  CreateFunctionCommand,
  InvokeCommand,
  LambdaClient,
  type CreateFunctionRequest,
} from '@aws-sdk/client-lambda';
import { strToU8, zipSync } from 'fflate';
import type { StreamSource } from '../../../src/consumers/source.ts';
import type { Engine } from '../../../src/engine/engine.ts';
import { openEmbeddedEngine } from '../../../src/engine/embedded/open.ts';
import { listen } from '../../../src/http/server.ts';
import { openLogs } from '../../../src/services/logs/logs.ts';
import type { LambdaOptions } from '../../../src/services/lambda/lambda-options.ts';
import { openLambda, type Lambda } from '../../../src/services/lambda/lambda.ts';
import { MetricRegistry } from '../../../src/metrics.ts';
import { createDispatcher } from '../../../src/protocol/dispatch.ts';
import { systemClock } from '../../../src/support/clock.ts';
import { unfenced } from '../../../src/support/fence.ts';
import { silentLog } from '../../../src/support/log.ts';
import { FakeStore } from '../../support/fake-store.ts';
import { noQueues } from '../../support/no-queues.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

/** Lambda alone, over HTTP, on an engine and a folder of its own. */
export interface LambdaServer {
  readonly endpoint: string;
  readonly folder: string;
  readonly client: LambdaClient;
  readonly logs: CloudWatchLogsClient;
  readonly metrics: MetricRegistry;
  lambda: Lambda;
  engine: Engine;
  restart(): Promise<void>;
}

const region = 'us-east-1';
const accountId = '000000000000';

const noStreams: StreamSource = {
  describe: () => undefined,
  open: () => Promise.reject(new Error('there are no streams')),
  onChange: () => () => {},
};

/** One server for all tests of a `describe`. */
export function sharedLambda(options: Partial<LambdaOptions> = {}): () => LambdaServer {
  let server: LambdaServer | undefined;
  const stops: (() => Promise<void>)[] = [];
  before(async () => {
    server = await startLambda({ after: (stop) => stops.push(stop) }, options);
  });
  after(async () => {
    for (const stop of stops) await stop();
  });
  return () => {
    if (server === undefined) throw new Error('the server has not been started');
    return server;
  };
}

/** A TestContext, for one. */
interface Owner {
  after(stop: () => Promise<void>): void;
}

export async function startLambda(
  context: Owner,
  options: Partial<LambdaOptions> = {},
): Promise<LambdaServer> {
  const folder = await temporaryFolder();
  const metrics = new MetricRegistry();
  let port = 0;

  async function start() {
    const engine = await openEmbeddedEngine({
      folder: join(folder, 'engine'),
      clock: systemClock,
      log: silentLog,
    });
    const logs = await openLogs({
      folder: join(folder, 'functions', 'logs'),
      engine,
      sharesLog: options.sharesLog,
      clock: systemClock,
      fence: unfenced,
      metrics,
      region,
      accountId,
      log: silentLog,
    });
    const lambda = await openLambda({
      logs: logs.store,
      engine,
      clock: systemClock,
      metrics,
      streams: noStreams,
      queues: noQueues,
      acting: unlimited,
      targets: new Targets(unlimited),
      store: new FakeStore(0),
      folder: join(folder, 'functions'),
      endpoint: () => `http://127.0.0.1:${port}`,
      region,
      accountId,
      log: silentLog,
      packageFolders: [join(import.meta.dirname, '../../..')],
      above: [folder],
      ...options,
    });
    const dispatcher = createDispatcher({
      admit,
      services: [lambda.service, logs.service],
      region,
      accountId,
      log: silentLog,
      clock: systemClock,
      reserved: async (request) => (await lambda.download(request)) ?? { status: 404, headers: {} },
    });
    const http = await listen({ host: '127.0.0.1', port, handler: dispatcher, log: silentLog });
    port = http.port;
    lambda.start();
    return { engine, logs, lambda, http };
  }

  async function stop(): Promise<void> {
    await running.http.close();
    await running.lambda.close();
    await running.logs.close();
    await running.engine.close();
  }

  let running = await start();
  const endpoint = `http://127.0.0.1:${port}`;
  const client = {
    endpoint,
    region,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  };
  const server: LambdaServer = {
    endpoint,
    folder,
    metrics,
    client: new LambdaClient(client),
    logs: new CloudWatchLogsClient(client),
    lambda: running.lambda,
    engine: running.engine,
    async restart() {
      await stop();
      running = await start();
      server.lambda = running.lambda;
      server.engine = running.engine;
    },
  };
  context.after(async () => {
    server.client.destroy();
    server.logs.destroy();
    await stop();
    await rm(folder, { recursive: true, force: true });
  });
  return server;
}

export function zip(files: Readonly<Record<string, string>>): Uint8Array {
  const entries = Object.entries(files).map(([name, text]) => [name, strToU8(text)]);
  // The same files are the same code, however much later.
  return zipSync(Object.fromEntries(entries), { mtime: '2026-01-01' });
}

export const role = 'arn:aws:iam::000000000000:role/test';

/** A Node.js function whose `index.mjs` is `source`. */
export async function createFunction(
  server: Pick<LambdaServer, 'client'>,
  name: string,
  source: string,
  options: Partial<CreateFunctionRequest> = {},
): Promise<void> {
  await server.client.send(
    new CreateFunctionCommand({
      FunctionName: name,
      Runtime: 'nodejs24.x',
      Role: role,
      Handler: 'index.handler',
      Code: { ZipFile: zip({ 'index.mjs': source }) },
      // Lambda's three seconds are short on a busy machine.
      Timeout: 30,
      ...options,
    }),
  );
}

export interface Invoked {
  readonly status: number | undefined;
  readonly error: string | undefined;
  /** Parsed. */
  readonly payload: unknown;
  readonly log: string;
}

export async function invoke(server: LambdaServer, name: string, event: unknown = {}): Promise<Invoked> {
  const output = await server.client.send(
    new InvokeCommand({ FunctionName: name, Payload: JSON.stringify(event), LogType: 'Tail' }),
  );
  const text = output.Payload?.transformToString() ?? '';
  return {
    status: output.StatusCode,
    error: output.FunctionError,
    payload: text === '' ? undefined : JSON.parse(text),
    log: Buffer.from(output.LogResult ?? '', 'base64').toString(),
  };
}

/** All that a function has printed, with Lambda's own lines. */
export async function printed(server: LambdaServer, name: string): Promise<string[]> {
  const messages: string[] = [];
  const pages = paginateFilterLogEvents({ client: server.logs }, { logGroupName: `/aws/lambda/${name}` });
  for await (const page of pages) messages.push(...(page.events ?? []).map(({ message }) => message ?? ''));
  return messages;
}
