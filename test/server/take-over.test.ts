import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { CreateDeliveryStreamCommand, FirehoseClient, PutRecordCommand } from '@aws-sdk/client-firehose';
import { GetObjectCommand, ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import type { ServerHealth } from '../../src/server/health.ts';
import { startServer } from '../../src/server/start.ts';
import { silentLog } from '../../src/support/log.ts';
import { clientsAt, continueMapping, makeEverything, readEverything } from '../cluster/everything.ts';
import { MemoryStore } from '../engine/shared/memory-log.ts';
import { runCommand } from '../support/command.ts';
import { clientOptions, startTestServer, testConfig } from '../support/server.ts';
import { removeFolder, temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';

/** Two machines could differ in anything that a service keeps in a file: code and log events were such. */
test('a machine that takes over with an empty folder has everything that the owner had', async () => {
  await using ends = new AsyncDisposableStack();
  const folder = await temporaryFolder();
  ends.defer(() => removeFolder(folder));
  const masterKeyFile = join(folder, 'master.key');
  await writeFile(masterKeyFile, randomBytes(32).toString('base64'), { mode: 0o600 });
  const objects = await startTestServer();
  ends.defer(() => objects.close());
  const store = new MemoryStore();
  const start = async (name: string) => {
    const key = { accessKeyId: 'test', secretAccessKey: 'test' };
    const objectStore = { endpoint: objects.endpoint, region: 'us-east-1', key };
    const config = testConfig(join(folder, name), { masterKeyFile, objectStore });
    const server = await startServer(config, silentLog, undefined, {
      openLog: () => Promise.resolve({ log: store.open(), durability: 'object-store' }),
      takeOverAfterMs: 1000,
    });
    ends.defer(() => server.close());
    await until(async () => {
      // The server answers with its own report.
      const health = (await (await fetch(`${server.endpoint}/health`)).json()) as ServerHealth;
      return health.cluster?.serving === true;
    });
    return { server, clients: clientsAt(server.endpoint, objects.endpoint) };
  };

  const first = await start('first');
  await makeEverything(first.clients);
  await putToDeliver(first.server.endpoint);
  const before = await readEverything(first.clients);
  await first.server.close();
  const second = await start('second');
  assert.deepEqual(await readEverything(second.clients), before);
  const flushed = await runCommand(['delivery', 'flush', 'd', '--endpoint-url', second.server.endpoint]);
  assert.equal(flushed.code, 0, flushed.errors);
  assert.equal(await delivered(second.clients.s3), 'a record that waits');
  const sequenceNumbers = await continueMapping(second.clients);
  assert.deepEqual(sequenceNumbers, [...new Set(sequenceNumbers)].toSorted());
});

/** A record that its delivery stream would hold for 15 minutes. */
async function putToDeliver(endpoint: string): Promise<void> {
  const firehose = new FirehoseClient(clientOptions(endpoint));
  await firehose.send(
    new CreateDeliveryStreamCommand({
      DeliveryStreamName: 'd',
      ExtendedS3DestinationConfiguration: {
        BucketARN: 'arn:aws:s3:::b-1',
        RoleARN: 'arn:aws:iam::000000000000:role/r',
        Prefix: 'delivered/',
        BufferingHints: { IntervalInSeconds: 900, SizeInMBs: 128 },
      },
    }),
  );
  const Record = { Data: Buffer.from('a record that waits') };
  await firehose.send(new PutRecordCommand({ DeliveryStreamName: 'd', Record }));
}

async function delivered(s3: S3Client): Promise<string | undefined> {
  const target = { Bucket: 'b-1', Prefix: 'delivered/' };
  const Key = await until(async () => {
    const { Contents = [] } = await s3.send(new ListObjectsV2Command(target));
    return Contents[0]?.Key;
  });
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'b-1', Key }));
  return await Body?.transformToString();
}
