import type { Declarer } from '../../../src/declarations/plan.ts';
import type { PolicySource } from '../../../src/aws/resource-policies.ts';
import { admit } from '../../support/admission.ts';
import { rm } from 'node:fs/promises';
import { S3Client } from '@aws-sdk/client-s3';
import { openEmbeddedEngine } from '../../../src/engine/embedded/open.ts';
import type { ResponseBounds } from '../../../src/http/response-memory-budget.ts';
import { listen } from '../../../src/http/server.ts';
import { MetricRegistry } from '../../../src/metrics.ts';
import { createDispatcher } from '../../../src/protocol/dispatch.ts';
import type { Files } from '../../../src/services/s3/embedded/files.ts';
import type { ObjectStore } from '../../../src/services/s3/object-store.ts';
import { openObjectStorage } from '../../../src/services/s3/s3.ts';
import { systemClock, type Clock } from '../../../src/support/clock.ts';
import { silentLog } from '../../../src/support/log.ts';
import { clientOptions } from '../../support/client.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

export interface TestStorage {
  readonly endpoint: string;
  /** The folder with the objects. */
  readonly objects: string;
  readonly store: ObjectStore;
  readonly client: S3Client;
  close(): Promise<void>;
  readonly policies: PolicySource;
  readonly declarer: Declarer;
}

/** The embedded S3 alone behind HTTP, in a folder of its own. */
export async function startTestStorage(
  options: {
    readonly region?: string;
    readonly clock?: Clock;
    readonly files?: Files;
    readonly responseBounds?: Partial<ResponseBounds>;
    /** The data folder; it stays when the storage is closed. Without it: a temporary one. */
    readonly folder?: string;
  } = {},
): Promise<TestStorage> {
  const { region = 'us-east-1', clock = systemClock, files, responseBounds = {} } = options;
  const accountId = '000000000000';
  const folder = options.folder ?? (await temporaryFolder());
  const engine = await openEmbeddedEngine({ folder: `${folder}/engine`, clock, log: silentLog });
  const storage = await openObjectStorage({
    engine,
    metrics: new MetricRegistry(),
    folder,
    clock,
    log: silentLog,
    region,
    accountId,
    ...(files === undefined ? {} : { files }),
  });
  const handler = createDispatcher({
    admit,
    services: [storage.service],
    region,
    accountId,
    log: silentLog,
    clock,
  });
  const http = await listen({ host: '127.0.0.1', port: 0, handler, log: silentLog, responseBounds });
  const endpoint = `http://127.0.0.1:${http.port}`;
  const client = new S3Client({ ...clientOptions(endpoint), forcePathStyle: true, maxAttempts: 1 });
  return {
    endpoint,
    objects: `${folder}/objects`,
    store: storage.store,
    policies: storage.policies,
    declarer: storage.declarer,
    client,
    async close() {
      client.destroy();
      await http.close();
      await storage.close();
      await engine.close();
      if (options.folder === undefined) await rm(folder, { recursive: true, force: true });
    },
  };
}
