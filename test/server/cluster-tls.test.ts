import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { CreateStreamCommand, KinesisClient, ListStreamsCommand } from '@aws-sdk/client-kinesis';
import { parseSharedLogUrl } from '../../src/config/shared-log-url.ts';
import { clusterOf } from '../../src/server/cluster-options.ts';
import { startServer } from '../../src/server/start.ts';
import { selfSignedCertificate } from '../../src/support/x509.ts';
import { silentLog } from '../../src/support/log.ts';
import { MemoryStore } from '../engine/shared/memory-log.ts';
import { clientOptions, temporaryFolder, testConfig } from '../support/server.ts';
import { until } from '../support/until.ts';
import { masterKeyFile } from './machines.ts';
import { reservePort } from '../support/ports.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const rootKey = { accessKeyId: 'the-key', secretAccessKey: 'a-secret-of-sixteen' };

/** For `localhost`; with further names it is for servers only. */
async function certificateIn(folder: string, alternativeNames: readonly string[]) {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const [notBeforeMs, notAfterMs] = [Date.now() - DAY_MS, Date.now() + DAY_MS];
  const [cert, key] = [join(folder, 'server.crt'), join(folder, 'server.key')];
  const request = { privateKey, commonName: 'localhost', alternativeNames, notBeforeMs, notAfterMs };
  await writeFile(cert, selfSignedCertificate(request));
  await writeFile(key, privateKey.export({ type: 'pkcs8', format: 'pem' }));
  return { cert, key };
}

/** Machines that all have the same certificate, which is also the only one that they take from others. */
async function secureMachines(t: TestContext, count: number) {
  const folder = await temporaryFolder();
  const { cert, key } = await certificateIn(folder, []);
  const store = new MemoryStore();
  const log = parseSharedLogUrl('s3://unused/log');
  const master = await masterKeyFile();
  const endpoints: string[] = [];
  for (let machine = 0; machine < count; machine++) {
    const { port } = await reservePort();
    const config = testConfig(join(folder, String(machine)), {
      masterKeyFile: master,
      rootKey,
      port,
      tls: { files: { cert, key }, clientCa: cert },
      cluster: {
        log,
        files: { environment: {}, workingFolder: folder },
        url: `https://localhost:${port}`,
        caFile: cert,
        takeOverAfterMs: 60_000,
      },
    });
    const options = clusterOf(config);
    assert.ok(options);
    const server = await startServer(config, silentLog, undefined, {
      ...options,
      openLog: () => Promise.resolve({ log: store.open(), durability: 'object-store' }),
    });
    t.after(() => server.close());
    endpoints.push(server.endpoint);
    await until(async () => {
      const answer = await fetch(`${server.endpoint}/health`);
      // The server answers with its own report.
      const { cluster } = (await answer.json()) as { cluster?: { serving: boolean; owner: string | null } };
      return cluster?.serving === true || (cluster?.owner ?? null) !== null;
    });
  }
  return endpoints;
}

test('machines show each other their certificates, and the owner verifies the signatures of clients', async (t) => {
  const [owner = '', standby = ''] = await secureMachines(t, 2);
  const at = (endpoint: string, credentials: typeof rootKey): KinesisClient => {
    const client = new KinesisClient({ ...clientOptions(endpoint), credentials });
    t.after(() => client.destroy());
    return client;
  };
  await at(standby, rootKey).send(new CreateStreamCommand({ StreamName: 's', ShardCount: 1 }));
  const { StreamNames } = await at(owner, rootKey).send(new ListStreamsCommand({}));
  assert.deepEqual(StreamNames, ['s']);
  const wrong = at(standby, { ...rootKey, secretAccessKey: 'another-of-sixteen' });
  await assert.rejects(wrong.send(new ListStreamsCommand({})), { name: 'InvalidSignatureException' });
});

test('a certificate that machines cannot show each other is refused by name', async () => {
  const folder = await temporaryFolder();
  const files = await certificateIn(folder, ['localhost']);
  const cluster = {
    log: parseSharedLogUrl('s3://unused/log'),
    files: { environment: {}, workingFolder: folder },
    takeOverAfterMs: 5000,
  };
  const secure = testConfig(folder, { tls: { files, clientCa: files.cert }, cluster });
  await assert.rejects(startServer(secure, silentLog), {
    name: 'ClusterTlsError',
    message: /server\.crt is a certificate for servers only/,
  });
  const trusting = testConfig(folder, { cluster: { ...cluster, caFile: join(folder, 'missing.pem') } });
  await assert.rejects(startServer(trusting, silentLog), { message: /missing\.pem cannot be read/ });
});
