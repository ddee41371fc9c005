import { unlimited } from '../../../support/unlimited.ts';
import { admit } from '../../../support/admission.ts';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { KinesisClient } from '@aws-sdk/client-kinesis';
import type { DeclaredLimits } from '../../../../src/config/kinesis-limits.ts';
import { openEmbeddedEngine } from '../../../../src/engine/embedded/open.ts';
import type { Engine } from '../../../../src/engine/engine.ts';
import { listen, type ListenOptions } from '../../../../src/http/server.ts';
import { type KinesisService, openKinesis } from '../../../../src/services/kinesis/kinesis.ts';
import { MetricRegistry } from '../../../../src/metrics.ts';
import { createDispatcher } from '../../../../src/protocol/dispatch.ts';
import { type Clock, systemClock } from '../../../../src/support/clock.ts';
import { silentLog } from '../../../../src/support/log.ts';
import { clientOptions } from '../../../support/client.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

export interface KinesisTestOptions {
  readonly clock?: Clock;
  readonly lifecycleMs?: number;
  readonly masterKey?: string;
  readonly streamIds?: 'shown' | 'hidden';
  readonly workers?: number;
  readonly limits?: DeclaredLimits;
  readonly responseBounds?: ListenOptions['responseBounds'];
}

/** Kinesis on an engine of its own behind the real edge, and the SDK's client for it. */
export interface KinesisTest {
  readonly client: KinesisClient;
  readonly endpoint: string;
  readonly kinesis: KinesisService;
  readonly engine: Engine;
  readonly metrics: MetricRegistry;
  readonly folder: string;
  /** Closes the parts and opens them again on the same folder. */
  restart(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

const region = 'us-east-1';
const accountId = '000000000000';

export async function startKinesis(options: KinesisTestOptions = {}): Promise<KinesisTest> {
  const folder = await temporaryFolder();
  let parts = await open(folder, options);
  const clients: KinesisClient[] = [];
  const newClient = () => {
    const client = new KinesisClient({ ...clientOptions(parts.http.endpoint), maxAttempts: 1 });
    clients.push(client);
    return client;
  };
  let client = newClient();
  return {
    get client() {
      return client;
    },
    get endpoint() {
      return parts.http.endpoint;
    },
    get kinesis() {
      return parts.kinesis;
    },
    get engine() {
      return parts.engine;
    },
    get metrics() {
      return parts.metrics;
    },
    folder,
    async restart() {
      client.destroy();
      await parts.close();
      parts = await open(folder, options);
      client = newClient();
    },
    async [Symbol.asyncDispose]() {
      for (const each of clients) each.destroy();
      await parts.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function open(folder: string, options: KinesisTestOptions) {
  const { clock = systemClock, ...settings } = options;
  const log = silentLog;
  const metrics = new MetricRegistry();
  const engine = await openEmbeddedEngine({ folder: join(folder, 'engine'), clock, log });
  const kinesis = await openKinesis({
    acting: unlimited,
    engine,
    clock,
    metrics,
    log,
    region,
    accountId,
    folder,
    ...settings,
  });
  kinesis.start();
  const handler = createDispatcher({ admit, services: [kinesis.service], region, accountId, log, clock });
  const server = await listen({
    host: '127.0.0.1',
    port: 0,
    handler,
    log,
    ...(options.responseBounds && { responseBounds: options.responseBounds }),
  });
  return {
    metrics,
    engine,
    kinesis,
    http: { endpoint: `http://127.0.0.1:${server.port}` },
    async close() {
      await server.close();
      await kinesis.close();
      await engine.close();
    },
  };
}
